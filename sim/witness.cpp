// SPDX-License-Identifier: Apache-2.0
#include "sim/witness.hpp"

#include "sim/log_time.hpp"
#include "sim/quiet_watch.hpp"
#include "sim/session_events.hpp"

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <utility>

namespace atomix::sim {
namespace {

constexpr std::size_t kept = 5;
/// Hashing all machines costs more than the replay does: the states behind every so many entries.
constexpr std::uint64_t entries_between_states = 64;
/// Clients and servers count in whole milliseconds.
constexpr sim_duration milliseconds_rounded = 2 * millisecond;
/// A leader has applied what it has committed, and says so once more at most for what else was on
/// its way.
constexpr sim_duration time_to_apply = 1 * second;
constexpr std::ptrdiff_t given_up_late_max = 64;

class witness {
 public:
  witness(
      const history& book,
      const std::vector<committed_entry>& log,
      const circumstances& around,
      const replicas_seen& replicas)
      : book_(book),
        log_(log),
        around_(around),
        quiet_(book, around.quiet),
        states_(replicas.states),
        replayed_(replicas.machines) {
    places_.calls.resize(book.calls().size());
  }

  std::vector<objection> carry_out() {
    replay();
    for (const recorded_session& s : book_.sessions()) {
      const auto found = replayed_.sessions().find(s.id);
      // A session that its client never heard of did nothing.
      if (found == replayed_.sessions().end()) continue;
      check_commands(s, found->second);
      for (objection& o : judge_events(book_, s, found->second, log_, around_))
        add(std::move(o));
      if (found->second.expired) check_late_end(s, log_[found->second.ended.value() - 1].at);
    }
    check_let_go();
    for (objection& o : quiet_.take_objections(replayed_.sessions()))
      add(std::move(o));
    check_machines();
    std::stable_sort(found_.begin(), found_.end(), [](const objection& a, const objection& b) {
      return a.call.value_or(~std::size_t{0}) < b.call.value_or(~std::size_t{0});
    });
    if (found_.size() > kept) found_.resize(kept);
    return std::move(found_);
  }
  call_places take_places() {
    for (const auto& [id, s] : replayed_.sessions()) {
      if (!s.ended.is_none()) places_.ended[id] = s.ended;
    }
    return std::move(places_);
  }

 private:
  // Each query is asked again where the client was told that it had been answered.
  void replay() {
    std::multimap<index_t, std::size_t> asked;
    for (std::size_t i = 0; i < book_.calls().size(); ++i) {
      const recorded_call& call = book_.calls()[i];
      if (call.is_query && call.ok()) asked.emplace(call.index, i);
    }
    auto next = asked.begin();
    const auto answer = [&] {
      for (; next != asked.end() && next->first <= replayed_.applied(); ++next)
        check_query(next->second);
    };
    answer();
    for (std::size_t i = 0; i < log_.size(); ++i) {
      if (i > 0) {
        if (auto wrong = check_log_time(log_[i - 1].entry, log_[i].entry)) add(*std::move(wrong));
      }
      replayed_.apply(log_[i].entry);
      quiet_.follow(log_[i], i + 1 < log_.size() ? log_[i + 1].at : around_.now, replayed_);
      check_state();
      answer();
    }
    for (; next != asked.end(); ++next)
      object("linearizability", next->second, "is told an index that was never committed");
  }

  void check_state() {
    if (states_ == nullptr) return;
    const auto seen = states_->find(replayed_.applied());
    if (seen == states_->end()) return;
    const std::string place = absl::StrCat(" after index ", replayed_.applied().value());
    if (seen->second.sessions != replayed_.living()) {
      const auto wanted = replayed_.living();
      return add_state(
          "session", absl::StrCat(seen->second.sessions, " live", place, ", not ", wanted));
    }
    if (seen->first < next_state_ && std::next(seen) != states_->end()) return;
    next_state_ = index_t{seen->first.value() + entries_between_states};
    if (seen->second.resources != replayed_.hash_of_resources())
      add_state("machines", absl::StrCat("their state", place, " is not what the log gives"));
  }

  void check_query(std::size_t position) {
    const recorded_call& call = book_.calls()[position];
    const recorded_session& s = book_.sessions()[call.session];
    places_.calls[position] = call.index;
    const auto expected =
        replayed_.query(s.id, call.resource.name, call.resource.type, call.operation);
    const bool atomic = call.level == consistency::atomic;
    if (expected.code != absl::StatusCode::kOk || expected.result != call.result)
      object(atomic ? "linearizability" : "session", position, "has not the answer of its index");
    if (atomic && call.index < call.floor) {
      const recorded_call& other = book_.calls()[call.floor_from];
      object(
          "linearizability",
          position,
          absl::StrCat(
              "is older than index ",
              call.floor.value(),
              ", which ",
              book_.client_of(other),
              " had been told at ",
              show_time(other.returned_at)));
    }
    if (call.level != consistency::local && call.index < call.session_floor)
      object("session", position, "goes back behind what its session had seen");
  }

  // Commands have the numbers 1, 2, ... in the order of the calls, apart from those that were
  // refused before they left the client.
  void check_commands(const recorded_session& s, const reference_session& log) {
    std::size_t next = 0;
    index_t own;  // of the last command of this session
    for (const std::size_t position : s.calls) {
      const recorded_call& call = book_.calls()[position];
      if (call.is_query) {
        if (call.ok() && call.level != consistency::local && call.index < own)
          object("session", position, "does not see a command that its session sent before");
        continue;
      }
      const reference_command* const c = next < log.commands.size() ? &log.commands[next] : nullptr;
      const bool same = c != nullptr && c->operation == call.operation
                        && c->resource == call.resource.name && c->type == call.resource.type;
      const bool refused = call.returned && call.outcome == certainty::not_done;
      if (refused && (!same || c->code != call.code)) continue;
      ++next;
      if (c != nullptr) own = c->index;
      if (same) places_.calls[position] = c->index;
      if (call.ok()) {
        check_command(position, same ? c : nullptr);
      } else if (c != nullptr && !same) {
        object("session", position, "is another command in the log");
      }
      check_real_time(position, c);
    }
    if (next < log.commands.size()) {
      add(
          {"session",
           absl::StrCat(
               "command ",
               next + 1,
               " of session ",
               s.id.value(),
               " took effect at index ",
               log.commands[next].index.value(),
               ", but its client never sent it or was told that it had no effect"),
           book_.client_of(s),
           {}});
    }
  }

  void check_command(std::size_t position, const reference_command* c) {
    const recorded_call& call = book_.calls()[position];
    if (c == nullptr)
      return object("linearizability", position, "was acknowledged and is not in the log");
    if (c->index != call.index) {
      object(
          "linearizability",
          position,
          absl::StrCat("took effect at index ", c->index.value(), ", not where it was told"));
    } else if (c->code != absl::StatusCode::kOk || c->result != call.result) {
      object("linearizability", position, "has not the answer of its place in the log");
    }
  }

  void check_real_time(std::size_t position, const reference_command* c) {
    const recorded_call& call = book_.calls()[position];
    if (c == nullptr || c->index > call.floor) return;
    const recorded_call& other = book_.calls()[call.floor_from];
    object(
        "linearizability",
        position,
        absl::StrCat(
            "took effect at index ",
            c->index.value(),
            ", not after index ",
            call.floor.value(),
            ", which ",
            book_.client_of(other),
            " had been told before the call"));
  }

  void check_belief(const recorded_session& s, sim_time over) {
    const auto later = std::find_if(s.states.begin(), s.states.end(), [&](const auto& each) {
      return each.first > over + milliseconds_rounded;
    });
    if (later == s.states.begin()) return;
    const session_state believed = std::prev(later)->second;
    if (believed != session_state::connected && believed != session_state::suspended) return;
    if (around_.stood_still && around_.stood_still(s.client, over)) return;
    add(
        {"session",
         absl::StrCat(
             "session ",
             s.id.value(),
             " expired at ",
             show_time(over),
             ", and its client believes in it"),
         book_.client_of(s),
         {}});
  }

  // Who believes in a session that has expired may hold, in its eyes, what others were given.
  void check_late_end(const recorded_session& s, sim_time over) {
    if (!around_.clocks_trusted) return;
    const auto heard = std::find_if(s.calls.begin(), s.calls.end(), [&](std::size_t position) {
      const recorded_call& call = book_.calls()[position];
      return call.ok() && call.returned_at > over + milliseconds_rounded;
    });
    if (heard != s.calls.end())
      object("session", *heard, absl::StrCat("its session had expired at ", show_time(over)));
    check_belief(s, over);
    if (s.events.empty() || s.events.back().at <= over + milliseconds_rounded) return;
    add_event(
        s,
        absl::StrCat(
            "an event came at ",
            show_time(s.events.back().at),
            " to a session that had expired at ",
            show_time(over)));
  }

  // Once is enough. A leader may say so again with what is on its way already, not for ever.
  void check_let_go() {
    for (const auto& [id, s] : replayed_.sessions()) {
      const auto late = given_up_late(s);
      if (late <= given_up_late_max) continue;
      return add(
          {"session",
           absl::StrCat(
               "session ", id.value(), ", given up long ago, is given up ", late, " times more"),
           "replicas",
           {}});
    }
  }
  [[nodiscard]] std::ptrdiff_t given_up_late(const reference_session& s) const {
    const auto at = [this](index_t index) {
      return log_[index.value() - 1].at;
    };
    return std::count_if(s.given_up.begin(), s.given_up.end(), [&](index_t again) {
      return at(again) > at(s.given_up.front()) + time_to_apply;
    });
  }

  void check_machines() {
    const auto& wrong = replayed_.disagrees();
    if (!wrong) return;
    objection o{"specification", wrong->sentence, "replicas", {}};
    for (std::size_t i = 0; i < book_.calls().size() && !o.call; ++i) {
      const recorded_call& call = book_.calls()[i];
      if (places_.calls[i] != wrong->index || call.resource.name != wrong->resource) continue;
      o.client = book_.client_of(call);
      o.call = i;
    }
    add(std::move(o));
  }

  void object(const char* check, std::size_t position, const std::string& reason) {
    add(objection_to_call(book_, check, position, reason));
  }
  void add_event(const recorded_session& s, std::string sentence) {
    add({"events", std::move(sentence), book_.client_of(s), {}});
  }
  void add_state(const char* check, std::string sentence) {
    if (std::exchange(wrong_state_, true)) return;
    add({check, std::move(sentence), "replicas", {}});
  }
  void add(objection o) { found_.push_back(std::move(o)); }

  const history& book_;
  const std::vector<committed_entry>& log_;
  circumstances around_;
  quiet_watch quiet_;
  const replica_states* states_;
  index_t next_state_;  // the first one to look at again
  bool wrong_state_ = false;
  reference replayed_;
  call_places places_;
  std::vector<objection> found_;
};

}  // namespace

judgement judge_and_place(
    const history& book,
    const std::vector<committed_entry>& log,
    const circumstances& around,
    const replicas_seen& replicas) {
  witness one{book, log, around, replicas};
  auto objections = one.carry_out();
  return {std::move(objections), one.take_places()};
}

std::vector<objection> judge(
    const history& book,
    const std::vector<committed_entry>& log,
    const circumstances& around,
    const replicas_seen& replicas) {
  return judge_and_place(book, log, around, replicas).objections;
}

}  // namespace atomix::sim
