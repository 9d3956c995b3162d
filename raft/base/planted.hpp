// SPDX-License-Identifier: Apache-2.0
/// \file Bugs that are planted on purpose, so that the simulator can prove that it finds them. Only
/// builds for the simulator contain them; each stands, as one condition, at the place where the bug
/// would live. What each of them is, and where it was seen in the wild: `sim/bug_zoo.cpp`.
#pragma once

#include <cstdint>

namespace atomix {

enum class bug : std::uint8_t {
  none,
  vote_before_save,
  votes_counted_twice,
  late_vote_accepted,
  length_only_votes,
  old_term_counted,
  ack_before_sync,
  leader_counts_unsynced,
  stale_save_vouches,
  late_append_truncates,
  commit_beyond_match,
  stale_leader_reads,
  read_before_own_commit,
  read_round_reused,
  retry_applied_twice,
  failed_sync_ignored,
  no_grace_after_failover,
  grant_to_dead_session,
  events_resent_wrong,
  no_check_quorum,
  pre_vote_deadlock,
  leadership_checked_early,
  damage_taken_for_torn,
  expiry_by_own_clock,
  replay_judged_by_now,
  unordered_apply,
};

#ifdef ATOMIX_SIMULATION

/// Set once, before any run: runs in several threads read it.
void plant(bug b);
[[nodiscard]] bool planted(bug b);

#else

[[nodiscard]] constexpr bool planted(bug /*b*/) {
  return false;
}

#endif

}  // namespace atomix
