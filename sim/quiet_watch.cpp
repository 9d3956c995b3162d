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
/// A leader looks at every tick whether something is due.
constexpr sim_duration punctuality = 300 * millisecond;
constexpr std::uint64_t far_ms = 3'600'000;  // behind the end of any history

}  // namespace

// Log time stands still without entries: the leader writes one when something is due.
void quiet_watch::follow(const committed_entry& last, sim_time next, const reference& replayed) {
  if (!found_.empty() || next <= quiet_.begin + punctuality) return;
  const auto due = replayed.next_deadline();
  if (!due) return;
  const auto left_ms = due->value() - std::min(due->value(), last.entry.time.value());
  const sim_time since = std::max(last.at + std::min(left_ms, far_ms) * millisecond, quiet_.begin);
  const sim_time until = std::min(next, quiet_.end);
  if (until <= since + punctuality) return;
  found_.push_back(
      {"deadlines",
       absl::StrCat(
           "nothing followed index ",
           last.entry.id.index.value(),
           " until ",
           show_time(until),
           ", though something was due at ",
           show_time(since)),
       "replicas",
       {}});
}

void quiet_watch::check_calls() {
  for (std::size_t i = 0; i < book_.calls().size(); ++i) {
    const recorded_call& call = book_.calls()[i];
    if (call.called < quiet_.begin) continue;
    const sim_time until = std::min(call.returned ? call.returned_at : book_.now(), quiet_.end);
    if (until <= call.called + promptness) continue;
    found_.push_back(objection_to_call(
        book_, "promptness", i, absl::StrCat("was not answered by ", show_time(until))));
    return;
  }
}

void quiet_watch::check_sessions(const std::map<session_id, reference_session>& sessions) {
  for (const recorded_session& s : book_.sessions()) {
    const auto log = sessions.find(s.id);
    if (s.state != session_state::expired || log == sessions.end()) continue;
    const bool cut_off = !log->second.ended.is_none() && !log->second.expired;
    const sim_time unhindered = quiet_.begin + log->second.timeout_ms * millisecond;
    if (cut_off || s.state_since <= unhindered || s.state_since > quiet_.end) continue;
    found_.push_back(
        {"session",
         absl::StrCat(
             "session ",
             s.id.value(),
             " expired at ",
             show_time(s.state_since),
             ", though nothing had hindered it for longer than its timeout"),
         book_.client_of(s),
         {}});
    return;
  }
}

std::vector<objection> quiet_watch::take_objections(
    const std::map<session_id, reference_session>& sessions) {
  check_calls();
  check_sessions(sessions);
  return std::move(found_);
}

}  // namespace atomix::sim
