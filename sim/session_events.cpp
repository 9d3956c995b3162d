// SPDX-License-Identifier: Apache-2.0
#include "sim/session_events.hpp"

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>

namespace atomix::sim {
namespace {

/// A session that is in touch has heard of everything that is older than this.
constexpr sim_duration event_patience = 12 * second;

// At its end a session hands out what answers it has; events are of no use any more.
bool came_at_the_end(const recorded_session& s, const recorded_call& call) {
  const bool over = s.state == session_state::expired || s.state == session_state::closed;
  return over && call.returned_at == s.state_since;
}

// Whoever does not know yet that its session is gone is answered queries, but hears of nothing.
bool went_by(const reference_session& log, index_t index) {
  return log.let_go || (!log.ended.is_none() && log.ended <= index);
}

class events_of_session {
 public:
  events_of_session(
      const history& book,
      const recorded_session& heard,
      const reference_session& due,
      const std::vector<committed_entry>& log,
      const circumstances& around)
      : book_(book), heard_(heard), due_(due), log_(log), around_(around) {}

  std::vector<objection> judge() {
    if (are_those_of_the_log()) {
      check_missing();
      check_order();
      check_wanted();
    }
    return std::move(found_);
  }

 private:
  bool are_those_of_the_log() {
    for (std::size_t i = 0; i < heard_.events.size(); ++i) {
      const recorded_event& seen = heard_.events[i];
      const reference_event* const due = i < due_.events.size() ? &due_.events[i] : nullptr;
      if (due != nullptr && due->index == seen.index && due->resource == seen.resource
          && due->event == seen.event)
        continue;
      object(absl::StrCat(
          "event ",
          i + 1,
          " of its session came from ",
          seen.resource,
          " at index ",
          seen.index.value(),
          due == nullptr ? std::string{", but the log has no such event"}
                         : absl::StrCat(
                             ", but the next in the log is that of ",
                             due->resource,
                             " at index ",
                             due->index.value())));
      return false;
    }
    return true;
  }

  void check_missing() {
    if (heard_.state != session_state::connected || heard_.events.size() >= due_.events.size())
      return;
    const reference_event& due = due_.events[heard_.events.size()];
    const sim_time at = log_[due.index.value() - 1].at;
    if (at + event_patience > around_.now) return;
    object(absl::StrCat(
        "the event of ",
        due.resource,
        " at index ",
        due.index.value(),
        ", committed at ",
        show_time(at),
        ", never came, though the session lives"));
  }

  // Whoever is told of a command or query at some index has heard all events of earlier ones, and
  // none of a later one. A reply does not say how many came before it: the order within the
  // connection does. Where that breaks, an early event may come late, but it comes: see
  // `check_missing`.
  void check_order() {
    for (const std::size_t position : heard_.calls) {
      const recorded_call& call = book_.calls()[position];
      if (!call.ok() || came_at_the_end(heard_, call)) continue;
      if (call.is_query && (call.level == consistency::local || went_by(due_, call.index)))
        continue;
      // A query at some index saw that entry, too.
      const index_t end = call.is_query ? call.index.next() : call.index;
      const auto due = std::lower_bound(
          due_.events.begin(), due_.events.end(), end, [](const auto& e, index_t index) {
            return e.index < index;
          });
      const auto came = std::lower_bound(
          heard_.events.begin(),
          heard_.events.end(),
          call.return_order,
          [](const auto& e, std::uint64_t order) { return e.order < order; });
      const auto count_due = due - due_.events.begin();
      const auto count_came = came - heard_.events.begin();
      const bool all_came = count_came >= count_due || around_.frames == frame_order::may_break;
      const bool none_of_later = count_came <= count_due || call.is_query;
      if (none_of_later && all_came) continue;
      found_.push_back(objection_to_call(
          book_,
          "events",
          position,
          absl::StrCat(
              "came after ",
              count_came,
              " events of its session; the log has before it ",
              count_due)));
      return;
    }
  }

  // Otherwise the cluster keeps, and sends, what nobody hears.
  void check_wanted() {
    const auto idle = std::find_if(
        heard_.events.begin(), heard_.events.end(), [](const auto& e) { return !e.wanted; });
    if (idle == heard_.events.end()) return;
    object(absl::StrCat(
        "an event of ",
        idle->resource,
        " came at index ",
        idle->index.value(),
        ", though nobody listened any more, and the log said so"));
  }

  void object(std::string sentence) {
    found_.push_back({"events", std::move(sentence), book_.client_of(heard_), {}});
  }

  const history& book_;
  const recorded_session& heard_;
  const reference_session& due_;
  const std::vector<committed_entry>& log_;
  const circumstances& around_;
  std::vector<objection> found_;
};

}  // namespace

std::vector<objection> judge_events(
    const history& book,
    const recorded_session& heard,
    const reference_session& due,
    const std::vector<committed_entry>& log,
    const circumstances& around) {
  return events_of_session{book, heard, due, log, around}.judge();
}

}  // namespace atomix::sim
