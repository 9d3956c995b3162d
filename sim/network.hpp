// SPDX-License-Identifier: Apache-2.0
/// \file The simulated network: connections between processes on hosts, over links that may fail.
///
/// Without faults a connection behaves like TCP. Frames, never bytes within one, are what gets
/// lost, repeated or overtaken. A peer whose process was killed is heard of (its kernel resets the
/// connection), one whose host lost power is not: the connection stays half-open until somebody
/// sends into it, or the kernel does (keep-alive). What a partition swallows is gone; the
/// connection may die of it after 1-3 s.
#pragma once

#include "sim/findings.hpp"
#include "sim/links.hpp"
#include "sim/report/record.hpp"
#include "sim/world.hpp"

#include "net/transport.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace atomix::sim {

class endpoint;

struct network_counts {
  std::uint64_t frames_lost = 0;
  std::uint64_t frames_repeated = 0;
  std::uint64_t frames_reordered = 0;
  std::uint64_t frames_corrupted = 0;
  std::uint64_t writes_swallowed = 0;  ///< by partitions and hosts without power
  std::uint64_t connections = 0;
  std::uint64_t connections_broken = 0;
  std::uint64_t deliveries = 0;
  std::uint64_t half_open_met = 0;  ///< something was sent to an end that `open_half` had lost
};

/// All connections of a world. Outlives the endpoints.
class network {
 public:
  /// Bytes that nothing altered are understood by whoever reads them: anything else is a finding.
  network(world& w, findings& f) : world_(w), findings_(f), links_(w) {
    connections_.emplace_back();  // 0 is none's number
  }
  network(const network&) = delete;
  network& operator=(const network&) = delete;

  [[nodiscard]] links& paths() { return links_; }
  [[nodiscard]] const network_counts& counts() const { return counts_; }
  /// Some connection of `host` outlived a partition that had swallowed a part of what it carried.
  [[nodiscard]] bool has_gaps(host_id host) const { return gaps_.contains(host); }

  /// Since `then` at the latest there is a connection from `one` on which `other` has been greeted
  /// as by a peer; it is whole, at both ends.
  [[nodiscard]] bool are_linked(host_id one, host_id other, sim_time then) const;

  /// The transport of one process on `host`.
  [[nodiscard]] std::unique_ptr<endpoint> attach(host_id host, process_id process);
  /// The process is gone. With `kernel_alive` the other ends are told, else they find out.
  void detach(endpoint& gone, bool kernel_alive);
  /// Every connection of `host` is lost at one end (`which` picks, bit by bit), and the other end
  /// is not told. Returns how many there were.
  std::size_t open_half(host_id host, std::uint64_t which);

 private:
  friend class endpoint;

  /// One end of a connection.
  struct side {
    endpoint* owner = nullptr;  // null: closed, or its process is gone
    process_id process;
    host_id host = 0;
    net::connection_handler* handler = nullptr;
    net::frame_parser parser;
    std::string outgoing;  // leaves at the end of the present moment
    bool flush_posted = false;
    bool is_dialling = false;         // what is sent waits until the other side has accepted
    bool breaking = false;            // a retransmission timer is running
    bool misses = false;              // something on its way to this end was swallowed
    bool altered = false;             // a bit flipped on its way to this end
    std::optional<sim_time> greeted;  // when the other side said which node it is
    sim_time next_delivery = 0;       // bytes on their way to this end do not arrive before
  };
  struct connection {
    side ends[2];  // dialled, accepted
  };
  struct listener {
    endpoint* owner;
    net::connection_handler* handler;
  };
  struct end_ref {
    std::uint64_t connection = 0;
    unsigned which = 0;
    [[nodiscard]] end_ref other() const { return {connection, 1 - which}; }
    [[nodiscard]] net::connection_id id() const {
      return net::connection_id{connection * 2 + which};
    }
  };
  static end_ref ref_of(net::connection_id id) {
    return {id.value() / 2, static_cast<unsigned>(id.value() % 2)};
  }

  // What endpoints do.
  absl::StatusOr<net::address> listen(
      endpoint& owner, const net::address& local, net::connection_handler& handler);
  net::connection_id dial(
      endpoint& owner, const net::address& remote, net::connection_handler& handler);
  void send(endpoint& owner, net::connection_id id, std::string frames);
  void close(endpoint& owner, net::connection_id id);

  // What happens later.
  void arrive_dial(end_ref from, const net::address& remote);
  void flush(end_ref from);
  void transmit(end_ref from, std::string bytes);
  void send_frames_apart(end_ref from, std::string_view bytes);
  void post_delivery(end_ref to, sim_time at, std::string bytes, message_fate fate);
  void arrive(end_ref to, const std::string& bytes, std::uint64_t arrow, message_fate fate);
  // For the record of the run, if there is one.
  std::uint64_t draw(end_ref to, sim_time at, std::string_view bytes);
  void draw_dropped(end_ref to, std::string_view bytes, message_fate fate);
  void draw_end(std::uint64_t arrow, message_fate fate);
  void hand_over(end_ref to, std::string_view bytes);
  void watch_for_break(end_ref from);

  void tell_closed(end_ref end, sim_duration wait, const absl::Status& why);
  void end_other(end_ref gone, const absl::Status& why, sim_time not_before);
  [[nodiscard]] side* find(end_ref end);
  [[nodiscard]] side* find_open(end_ref end);
  void forget_if_over(std::uint64_t number);
  void keep_alive(end_ref end);

  world& world_;
  findings& findings_;
  links links_;
  network_counts counts_;
  std::vector<std::unique_ptr<connection>> connections_;  // by number; those that are over: null
  std::set<std::uint64_t> half_open_;                     // numbers of connections
  std::set<host_id> gaps_;
  std::map<std::string, listener> listeners_;
  std::uint16_t next_port_ = 40'000;
};

/// The transport that a process is given. Does nothing once detached: a process that was killed in
/// the middle of something sends nothing while its memory is being cleared away.
class endpoint final : public net::transport {
 public:
  endpoint(network& n, host_id host, process_id process)
      : network_(n), host_(host), process_(process) {}

  absl::StatusOr<net::address> listen(
      const net::address& local, net::connection_handler& handler) override;
  net::connection_id dial(const net::address& remote, net::connection_handler& handler) override;
  void send(net::connection_id connection, std::string frames) override;
  void close(net::connection_id connection) override;

  /// The process ends now, see `network::detach`. Again: nothing.
  void detach_now(bool kernel_alive) {
    if (!detached_) network_.detach(*this, kernel_alive);
  }

 private:
  friend class network;
  network& network_;
  host_id host_;
  process_id process_;
  bool detached_ = false;
};

}  // namespace atomix::sim
