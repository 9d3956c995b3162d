// SPDX-License-Identifier: Apache-2.0
/// \file "Sometimes" probes: rare situations that a campaign of the simulator must come across, or
/// it tests less than it seems to (FoundationDB's code probes). Free in every other build. What
/// each of them is: `sim/probes.cpp`.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace atomix {

enum class probe : std::uint8_t {
  vote_refused_for_leader,
  vote_given_already,
  vote_refused_for_older_log,
  vote_repeated,
  vote_too_late,
  pre_vote_lost,
  election_lost,
  votes_split,
  election_undecided,
  leader_timed_out,
  lone_voter,
  leader_deposed,
  leader_ends_with_open_entries,
  leader_ends_with_open_reads,
  candidate_meets_leader,
  leader_begins_with_open_entries,
  leader_connection_lost,
  leader_without_quorum,
  past_answered,
  time_written_when_idle,
  saved_entry_was_replaced,
  save_of_earlier_term,
  proposal_without_leader,
  read_without_leader,
  read_waits_for_round,
  read_waits_for_own_commit,
  reads_share_round,
  append_beyond_log,
  append_in_conflict,
  append_within_log,
  entry_repeated,
  entry_replaced,
  commit_by_heartbeat,
  refusal_skips_entries,
  append_sent_again,
  follower_needs_disk,
  follower_must_wait,
  load_outdated,
  old_term_not_counted,
  committed_before_own_save,
  old_entries_committed,
  refusal_outdated,
  session_expired,
  session_let_go,
  sessions_expire_together,
  session_opened_again,
  command_answered_again,
  command_repeated_early,
  event_seen_already,
  session_end_concerns_many,
  resource_deleted,
  undo_without_resource,
  command_after_session_end,
  keep_alive_after_session_end,
  lock_queue,
  lock_waiter_ends,
  lock_holder_ends,
  lock_passed_on,
  lock_wait_ends,
  lock_request_withdrawn,
  elected_one_ends,
  candidate_ends,
  election_passed_on,
  candidate_resigns,
  map_entry_expires,
  value_expires,
  value_not_swapped,
  entries_applied_together,
  events_sent_again,
  applier_behind,
  query_waits,
  commands_proposed_together,
  commands_given_up,
  reads_given_up,
  client_redirected,
  session_changes_connection,
  commands_still_on_their_way,
  answer_waited_for_events,
  request_repeated,
  request_missing,
  event_waits_for_reply,
  answer_waits_for_event,
  reply_repeated,
  reply_overtakes,
  event_repeated,
  event_overtakes,
  event_missed,
  session_gives_itself_up,
  server_silent,
  server_without_leader,
  leader_news_outdated,
  calls_sent_again,
  keep_alive_sent_again,
  old_peer_connection_ends,
  message_without_connection,
  orders_written_together,
  log_fails,
  promise_without_save,
  segment_not_prepared,
  batch_larger_than_segment,
  recovery_meets_replaced_entries,
  recovery_of_segments,
  recovery_of_torn_write,
};
inline constexpr std::size_t probes = static_cast<std::size_t>(probe::recovery_of_torn_write) + 1;

#ifdef ATOMIX_SIMULATION

using probe_counts = std::array<std::uint64_t, probes>;

/// Says that this happened, on this thread. Changes nothing.
void sometimes(probe what);
/// Since the last call, on this thread.
[[nodiscard]] probe_counts take_probes();

/// What happens while it lives is no part of the run, such as an audit of a copy.
class uncounted {
 public:
  uncounted();
  uncounted(const uncounted&) = delete;
  uncounted& operator=(const uncounted&) = delete;
  ~uncounted();

 private:
  probe_counts before_;
};

#else

constexpr void sometimes(probe /*what*/) {}

#endif

}  // namespace atomix
