// SPDX-License-Identifier: Apache-2.0
#include "sim/quiet_watch.hpp"

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <cstdint>
#include <utility>

namespace atomix::sim {
namespace {

/// No call waits longer. Whoever has lost an answer asks again after 2 s.
constexpr sim_duration promptness = 1'500 * millisecond;
/// Calls under way come first.
constexpr sim_duration time_for_closing = 2 * promptness;
/// A leader looks at every tick whether something is due.
constexpr sim_duration punctuality = 300 * millisecond;
/// Clients send one after a quarter of the timeout.
constexpr sim_duration time_for_keep_alive = 2 * second;
constexpr std::uint64_t far_ms = 3'600'000;  // behind the end of any history

}  // namespace

// Log time stands still without entries: the leader writes one when something is due.
void quiet_watch::follow(const committed_entry& last, sim_time next, const reference& replayed) {
  if (!found_.empty() || next <= quiet_.begin + punctuality) return;
  const auto due = replayed.next_deadline();
  if (!due) return;
  const auto left_ms = due->value() - std::min(due->value(), last.entry.time.value());
  const sim_time since = last.at + std::min(left_ms, far_ms) * millisecond;
  if (!quiet_.is_too_long(since, next, punctuality)) return;
  found_.push_back(
      {"deadlines",
       absl::StrCat(
           "nothing followed index ",
           last.entry.id.index.value(),
           " until ",
           show_time(std::min(next, quiet_.end)),
           ", though something was due at ",
           show_time(std::max(since, quiet_.begin))),
       "replicas",
       {}});
}

void quiet_watch::check_calls() {
  for (std::size_t i = 0; i < book_.calls().size(); ++i) {
    const recorded_call& call = book_.calls()[i];
    if (call.called < quiet_.begin) continue;
    const sim_time until = call.returned ? call.returned_at : book_.now();
    if (!quiet_.is_too_long(call.called, until, promptness)) continue;
    found_.push_back(objection_to_call(
        book_,
        "promptness",
        i,
        absl::StrCat("was not answered by ", show_time(std::min(until, quiet_.end)))));
    return;
  }
}

// Clients go after a second, whatever the cluster says: what counts is how the log has it.
void quiet_watch::check_closings(const std::map<session_id, reference_session>& sessions) {
  for (const recorded_session& s : book_.sessions()) {
    const auto log = sessions.find(s.id);
    if (!s.left || log == sessions.end() || log->second.let_go) continue;
    const bool closed = !log->second.ended.is_none() && !log->second.expired;
    const sim_time late = std::min(*s.left + time_for_closing + 1, book_.now());
    if (closed || !quiet_.is_too_long(*s.left, late, time_for_closing)) continue;
    found_.push_back(
        {"closings",
         absl::StrCat(
             "session ",
             s.id.value(),
             ", which its client closed at ",
             show_time(*s.left),
             ", was left to expire"),
         book_.client_of(s),
         {}});
    return;
  }
}

// Who has lived on until here has been heard since.
bool quiet_watch::may_expire(sim_duration timeout, sim_time at) const {
  const sim_duration heard = std::min(timeout, timeout / 4 + time_for_keep_alive);
  if (at <= quiet_.begin + heard || at > quiet_.end) return true;
  if (at <= quiet_.blow || timeout >= 2 * time_to_find_back) return false;
  return at <= quiet_.found_back() + heard;
}

void quiet_watch::check_sessions(const std::map<session_id, reference_session>& sessions) {
  for (const recorded_session& s : book_.sessions()) {
    const auto log = sessions.find(s.id);
    if (s.state != session_state::expired || log == sessions.end()) continue;
    if (log->second.let_go || may_expire(log->second.timeout_ms * millisecond, s.state_since))
      continue;
    found_.push_back(
        {"session",
         absl::StrCat(
             "session ",
             s.id.value(),
             " expired at ",
             show_time(s.state_since),
             ", though nothing hindered it from saying in time that it lives"),
         book_.client_of(s),
         {}});
    return;
  }
}

std::vector<objection> quiet_watch::take_objections(
    const std::map<session_id, reference_session>& sessions) {
  check_calls();
  check_sessions(sessions);
  check_closings(sessions);
  return std::move(found_);
}

}  // namespace atomix::sim
