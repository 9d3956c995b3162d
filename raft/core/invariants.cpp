// SPDX-License-Identifier: Apache-2.0
// What must hold after every step, each as a sentence that one can say in a review. What no single
// node can see, the simulator checks.
#include "raft/base/check.hpp"
#include "raft/core/quorum.hpp"
#include "raft/core/state.hpp"

#include <algorithm>

namespace atomix::raft {

mark core::state::take_mark(const input& in) const {
  return {
      hard, {log.term_at(commit), commit}, log.last(), emitted, leading() != nullptr, is_quiet(in)};
}

bool core::state::is_quiet(const input& in) const {
  const auto* passed = std::get_if<tick>(&in);
  if (passed == nullptr || passed->count > quiet_ticks()) return false;
  // A clock that was ahead of its ticks, or jumped, may have reached a time that is waited for.
  return now_ms && passed->now_ms <= *now_ms + passed->count * options.tick_ms;
}

void core::state::check_state() const {
  ATOMIX_CHECK(commit <= log.last().index, "what is committed is in the log");
  ATOMIX_CHECK(emitted == commit, "what is committed goes to the host at once");
  ATOMIX_CHECK(applied <= emitted, "the host applies only what it was given");
  ATOMIX_CHECK(log.durable() <= log.last().index, "what is durable is in the log");
  ATOMIX_CHECK(log.last().term <= hard.term, "no entry is of a later term than the node");
  ATOMIX_CHECK(
      configurations.back().first <= log.last().index, "the configuration in force is in the log");
  if (std::holds_alternative<candidate>(role)) {
    ATOMIX_CHECK(hard.vote == options.self, "a candidate votes for itself");
  }
  const auto* l = leading();
  if (l == nullptr) return;
  ATOMIX_CHECK(hard.vote == options.self, "a leader has voted for itself");
  ATOMIX_CHECK(log.last().term == hard.term, "the leader's log ends with an entry of its term");
  ATOMIX_CHECK(
      l->match <= log.durable(), "the leader counts its own entries once they are durable");
  ATOMIX_CHECK(
      l->reads.waiting.empty() || !l->reads.asking.empty() || commit < l->first_of_term,
      "reads wait for nothing but the round before theirs and the leader's first commit");
  for (const auto& [id, p] : l->peers) {
    ATOMIX_CHECK(id != options.self, "a leader does not follow itself");
    ATOMIX_CHECK(p.match() < p.next(), "what a follower holds is not sent to it again");
    ATOMIX_CHECK(p.match() <= log.last().index, "a follower holds no more than the leader sent");
    ATOMIX_CHECK(p.next() <= log.last().index.next(), "only entries that exist are sent");
    ATOMIX_CHECK(
        p.counts_what_is_under_way(), "only what is on its way takes up a follower's window");
  }
}

void core::state::check_transition(const mark& before) const {
  ATOMIX_CHECK(hard.term >= before.hard.term, "terms never go back");
  const bool same_term = hard.term == before.hard.term;
  if (same_term && !before.hard.vote.is_none()) {
    ATOMIX_CHECK(hard.vote == before.hard.vote, "a node votes once in a term");
  }
  ATOMIX_CHECK(commit >= before.commit.index, "commit never goes back");
  ATOMIX_CHECK(log.holds(before.commit), "what is committed stays as it is");
  if (before.leads && same_term) {
    ATOMIX_CHECK(log.holds(before.last), "a leader only appends to its log");
    ATOMIX_CHECK(
        leading() != nullptr || std::holds_alternative<follower>(role),
        "who stops leading follows first");
  }
  if (before.quiet) {
    ATOMIX_CHECK(
        out.empty() && hard == before.hard && (leading() != nullptr) == before.leads,
        "hosts may sleep through quiet ticks");
  }
  ATOMIX_CHECK(
      out.committed.size() == commit.value() - before.emitted.value(),
      "each committed entry is handed over once");
  ATOMIX_CHECK(
      out.save.entries.empty() || out.save.entries.back().id == log.last(),
      "what is saved is what the log ends with");
}

}  // namespace atomix::raft
