// SPDX-License-Identifier: Apache-2.0
/// \file The Raft protocol of one node as a function. Owned by one actor.
#pragma once

#include "raft/core/step.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <string_view>

namespace atomix::raft {

/// Times are in ticks of `tick_ms`. Requires: heartbeat_ticks < election_ticks.
struct options {
  node_id self;
  configuration initial;         ///< the configuration before any in the log
  std::uint64_t seed = 0;        ///< the only source of chance in the core
  std::uint64_t tick_ms = 10;    ///< how long a `tick` is
  unsigned election_ticks = 40;  ///< the timeout is drawn from [base, 2 * base) (thesis 3.4)
  unsigned heartbeat_ticks = 8;  ///< pause between heartbeats
  std::size_t append_bytes_max = 1U << 20U;    ///< data in one append; at least one entry goes
  std::size_t inflight_bytes_max = 8U << 20U;  ///< unacknowledged data per follower
  std::size_t cache_bytes_max = 64U << 20U;    ///< applied entries kept in memory for followers
};

enum class role_name : std::uint8_t { follower, pre_candidate, candidate, leader, learner };
[[nodiscard]] std::string_view to_string(role_name name);

struct peer_status {
  index_t match;        ///< durable there, as far as the leader knows
  bool active = false;  ///< heard from within an election timeout
};

/// Read-only view for status pages, invariants and the simulator.
struct status {
  node_id self;
  role_name role = role_name::follower;
  hard_state state;
  node_id leader;  ///< none if unknown
  index_t commit;
  entry_id last;
  log_time now;  ///< leader: what the next entry is stamped with; others: time of the last entry
};

class core {
 public:
  /// Starts as a follower from what was recovered. Requires: `options.self` is not none.
  core(const options& options, recovered_state recovered);
  ~core();
  core(core&&) noexcept;
  core& operator=(core&&) noexcept;

  /// Takes one input and returns everything that follows from it.
  /// Touches no clock, disk, socket, thread or global: equal state and equal input give equal
  /// effects. Invariants are checked after every step; a broken one stops the process.
  [[nodiscard]] effects step(const input& in);

  [[nodiscard]] status view() const;
  /// How many of the next ticks do nothing but count if they take `tick_ms` each and nothing else
  /// is stepped: an idle host may sleep through them.
  [[nodiscard]] std::uint64_t quiet_ticks() const;

  /// What a leader believes about the others; nothing if it is none.
  [[nodiscard]] std::map<node_id, peer_status> peers() const;
  /// The entry's term, if the log still knows the entry (for checkers).
  [[nodiscard]] term_t term_at(index_t index) const;

 private:
  struct state;
  std::unique_ptr<state> state_;
};

/// Adds `more` behind `first`: several steps, one round of I/O. Order within each kind is kept, and
/// everything in `after_save` waits for the joint save.
void merge(effects& first, effects more);

}  // namespace atomix::raft
