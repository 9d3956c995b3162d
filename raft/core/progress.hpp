// SPDX-License-Identifier: Apache-2.0
/// \file What the leader believes about one follower. Knows no log and sends nothing.
#pragma once

#include "raft/core/entry.hpp"

#include <cstdint>
#include <deque>

namespace atomix::raft {

/// Two modes. *Probe*: the leader does not know where the logs meet and asks with one append at a
/// time. *Replicate*: it knows, and sends ahead of the answers (thesis 10.2.1), bounded in bytes.
///
///            accepted                      ┌──────────┐
///   probe ─────────────────► replicate     │ every timed heartbeat looks whether anything moved;
///     ▲   refused, stalled, peer lost │    │ its answer then starts a repetition
///     └───────────────────────────────┘    └──────────┘
class progress {
 public:
  explicit progress(index_t next) : next_(next) {}

  [[nodiscard]] index_t match() const { return match_; }
  [[nodiscard]] index_t next() const { return next_; }
  [[nodiscard]] bool probing() const { return probing_; }
  [[nodiscard]] bool may_send(std::size_t inflight_bytes_max) const {
    return !waiting_ && !loading_ && (inflight_.empty() || inflight_bytes_ < inflight_bytes_max);
  }

  /// Whether only what is on its way takes up the window.
  [[nodiscard]] bool counts_what_is_under_way() const {
    return !inflight_.empty() || inflight_bytes_ == 0;
  }

  /// An append that ends with `last` leaves now.
  void sent(index_t last, std::size_t bytes);
  /// The follower durably holds everything up to `index`.
  void accepted(index_t index);
  /// The follower refused the append behind `previous`; the logs may meet right before `retry`.
  /// Late refusals, which earlier answers made void, change nothing.
  void refused(index_t previous, index_t retry);
  /// What is on its way is lost; asks again after the next sign of life.
  void lost();

  /// A timed heartbeat leaves. If nothing has moved since the one before, its answer causes a
  /// repetition: heartbeats of reads come far too often to conclude anything from them.
  void heartbeat_due();
  /// Returns whether to send again, from the last known common entry on.
  [[nodiscard]] bool heartbeat_answered();

  void load_started() { loading_ = true; }
  /// `found` is false if storage had nothing to give: waits for the next heartbeat then.
  void load_ended(bool found);

  std::uint64_t heard_tick = 0;  ///< the leader's tick count when it last heard of the follower
  std::uint64_t round = 0;       ///< the last read round that the follower confirmed

 private:
  struct flight {
    index_t last;
    std::size_t bytes = 0;
  };

  void probe_from(index_t next);

  index_t match_;
  index_t next_;                    // > match_
  std::deque<flight> inflight_;     // ascending; empty while probing
  std::size_t inflight_bytes_ = 0;  // sum over inflight_
  index_t oldest_at_heartbeat_;     // inflight_.front().last when the last heartbeat left
  bool probing_ = true;
  bool waiting_ = false;  // sends nothing until an answer comes
  bool loading_ = false;  // storage is reading for this follower
  bool repeat_ = false;   // the next heartbeat answer causes a repetition
};

}  // namespace atomix::raft
