// SPDX-License-Identifier: Apache-2.0
/// \file One connection through the proxy in front of a member: two sockets, a lane each way.
#pragma once

#include "net/frame.hpp"

#include <asio/ip/tcp.hpp>
#include <asio/steady_timer.hpp>

#include <array>
#include <chrono>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tools/torture/network_paths.hpp"

namespace atomix::tools {

///   accepted --hello--> known --way open--> dialled --> joined --either end, drained--> over
class proxied_connection : public std::enable_shared_from_this<proxied_connection> {
 public:
  proxied_connection(network_paths& paths, asio::ip::tcp::socket dialler, host member);

  void start();
  /// The paths have changed.
  void poke();
  [[nodiscard]] bool is_over() const { return over_; }
  /// Whether it joins these two hosts.
  [[nodiscard]] bool joins(host one, host other) const;
  void reset();
  void lose_end(host member, lost_end which, std::chrono::milliseconds silence);
  /// If one end was lost.
  void reset_if_half();

 private:
  using clock = std::chrono::steady_clock;
  struct piece {
    std::string bytes;
    clock::time_point due;
  };
  /// What flows from one socket to the other.
  struct lane {
    lane(asio::io_context& loop, asio::ip::tcp::socket& in, asio::ip::tcp::socket& out)
        : from(in), to(out), timer(loop) {}
    asio::ip::tcp::socket& from;
    asio::ip::tcp::socket& to;
    asio::steady_timer timer;
    std::array<char, 65'536> buffer{};
    std::deque<piece> waiting;
    std::size_t waiting_bytes = 0;
    bool reading = false;
    bool writing = false;
    bool ended = false;      // nothing more comes in
    bool deaf = false;       // the end that it leads to is gone: bytes are thrown away
    bool forgotten = false;  // the end that it comes from is gone, and the other is not told
  };

  void read(lane& l);
  void arrived(lane& l, std::string_view bytes);
  void identify();
  void dial();
  void flush(lane& l);
  void written(lane& l);
  void failed(lane& l);
  void settle();
  void close();
  [[nodiscard]] bool is_open(const lane& l) const;
  [[nodiscard]] host_pair way(const lane& l) const;

  network_paths& paths_;
  asio::ip::tcp::socket near_;  // whoever dialled
  asio::ip::tcp::socket far_;   // the member
  lane to_member_;
  lane to_dialler_;
  host member_;
  std::optional<host> dialler_;  // once it has said who it is
  bool dialling_ = false;
  bool joined_ = false;
  bool over_ = false;
  asio::steady_timer silence_;  // of a lost end
};

}  // namespace atomix::tools
