// SPDX-License-Identifier: Apache-2.0
/// \file The numbers that every layer speaks of: terms, indices, nodes, sessions, log time.
#pragma once

#include "raft/base/strong.hpp"

namespace atomix {

using term_t = strong<struct term_tag>;    ///< Raft term; 0 before the first election.
using index_t = strong<struct index_tag>;  ///< Position in the log, counted from 1.
using node_id = strong<struct node_tag>;   ///< A cluster member; 0 is "nobody".

/// A client's session: the log index of the entry that opened it.
using session_id = strong<struct session_tag>;

/// The replicated clock, in milliseconds since the cluster's first leader. Stamped by leaders on
/// entries, never goes back, stands still while there is no leader.
using log_time = strong<struct log_time_tag>;

/// `t` plus `ms` milliseconds; stops at the largest time instead of wrapping.
[[nodiscard]] constexpr log_time later(log_time t, std::uint64_t ms) {
  const std::uint64_t sum = t.value() + ms;
  return log_time{sum < ms ? ~std::uint64_t{0} : sum};
}

}  // namespace atomix
