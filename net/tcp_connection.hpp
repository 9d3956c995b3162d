// SPDX-License-Identifier: Apache-2.0
/// \file One TCP connection, and what all connections of a transport share.
/// Internal to the TCP transport; everything on the event loop's thread.
#pragma once

#include "net/frame.hpp"
#include "net/tcp.hpp"
#include "net/tcp_dial.hpp"

#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/steady_timer.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

namespace atomix::net {

class tcp_connection;

/// Programs that this process starts get no copy of the socket: they would keep the connection open
/// when this process is dead.
void keep_from_children(int socket);

/// The connections of one transport. Flushes those that were written to once per turn of the loop.
class tcp_connections : public std::enable_shared_from_this<tcp_connections> {
 public:
  tcp_connections(asio::io_context& loop_, const tcp_options& options_);

  [[nodiscard]] std::shared_ptr<tcp_connection> add(
      connection_handler& handler, std::string remote);
  [[nodiscard]] std::shared_ptr<tcp_connection> find(connection_id id) const;
  void remove(connection_id id) { open_.erase(id); }
  /// Closes all without a call to a handler. Nothing is added afterwards.
  void end();
  /// Has `connection` flushed when the handlers that are ready now have run.
  void flush_soon(std::weak_ptr<tcp_connection> connection);

  asio::io_context& loop;
  const tcp_options options;
  std::vector<char> read_buffer;  ///< in use during one read only

 private:
  void flush_all();

  std::unordered_map<connection_id, std::shared_ptr<tcp_connection>> open_;
  std::vector<std::weak_ptr<tcp_connection>> dirty_;
  std::vector<std::weak_ptr<tcp_connection>> flushing_;
  connection_id last_;
};

/// States:
///
///   dialling ──► open ──► gone        `handler_` hears of it
///       └──────────┴────► lingering   after close(): sends what waits, then waits for the other
///       end
///
/// Every wait holds a weak pointer: what is left in the loop finds nobody and does nothing.
class tcp_connection : public std::enable_shared_from_this<tcp_connection> {
 public:
  tcp_connection(
      std::shared_ptr<tcp_connections> all,
      connection_id id,
      connection_handler& handler,
      std::string remote);

  [[nodiscard]] connection_id id() const { return id_; }
  void dial(const address& remote);
  /// Takes over a connected socket and reports `opened`. Called by the event loop.
  void open(asio::ip::tcp::socket socket);
  void send(std::string frames);
  void close();
  /// Ends at once and in silence.
  void abandon();
  void flush();

 private:
  [[nodiscard]] std::size_t waiting_bytes() const;
  void wait_readable();
  void read();
  [[nodiscard]] absl::Status read_frames(std::vector<frame>& frames, std::size_t& bytes);
  void wait_writable();
  void write();
  [[nodiscard]] bool next_buffer();
  void all_sent();
  void doom(absl::Status why);
  void finish(const absl::Status& why);
  void finish_after(std::chrono::milliseconds time);

  std::shared_ptr<tcp_connections> all_;
  const connection_id id_;
  connection_handler* handler_;  // null: lingering or gone, nobody listens
  const std::string remote_;
  asio::ip::tcp::socket socket_;
  asio::steady_timer timer_;
  std::shared_ptr<dial_attempt> dialling_;
  frame_parser parser_;
  std::string writing_;      // being written: up to `written_` the kernel has it
  std::size_t written_ = 0;  // at most writing_.size()
  std::string pending_;      // comes after `writing_`
  absl::Status doom_;        // not ok: will be reported soon, nothing is sent any more
  bool dirty_ = false;       // a flush is on its way
  bool blocked_ = false;     // waits until the socket is writable
  bool gone_ = false;
};

}  // namespace atomix::net
