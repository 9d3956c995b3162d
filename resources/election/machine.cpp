// SPDX-License-Identifier: Apache-2.0
#include "resources/election/machine.hpp"

#include "raft/base/probe.hpp"

#include <absl/status/status.h>

#include <algorithm>

namespace atomix::resources::election {
namespace {

proto::Answer answer(bool yes) {
  proto::Answer reply;
  reply.set_yes(yes);
  return reply;
}

}  // namespace

void machine::apply(commit_context& c, const proto::Run& op) {
  if (candidacies_.contains(c.session()))
    return c.fail(absl::FailedPreconditionError("This session is already a candidate."));
  const bool elected = candidates_.empty();
  candidates_.emplace_hint(
      candidates_.end(),
      c.index(),
      candidate{c.session(), std::string(op.candidate()), op.handle()});
  candidacies_.emplace(c.session(), c.index());
  if (elected) lead(c, c.index());
  proto::Entered reply;
  reply.set_candidacy(c.index().value());
  if (elected) reply.set_epoch(epoch_.value());
  c.reply(reply);
  if (elected) tell_listeners(c);
}

void machine::apply(commit_context& c, const proto::Resign& op) {
  const auto found = candidacies_.find(c.session());
  c.reply(answer(found != candidacies_.end()));
  if (found == candidacies_.end()) return;
  if (found->second != leading_) sometimes(probe::candidate_resigns);
  if (candidates_.at(found->second).handle != op.handle()) {
    proto::Resigned event;
    event.set_candidacy(found->second.value());
    c.publish(c.session(), encode_op<events>(event));
  }
  leave(c.session());
  pass_on(c);
}

void machine::apply(commit_context& c, const proto::Listen& op) {
  listeners_.add(c.session(), op.listener());
}

void machine::apply(commit_context& c, const proto::Unlisten& op) {
  listeners_.remove(c.session(), op.listener());
}

void machine::query(query_context& c, const proto::GetLeader&) const {
  c.reply(leader());
}

void machine::query(query_context& c, const proto::IsLeader& op) const {
  c.reply(answer(!epoch_.is_none() && epoch_ == index_t{op.epoch()}));
}

void machine::query(query_context& c, const proto::GetCandidates&) const {
  proto::Candidates reply;
  for (const auto& [candidacy, each] : candidates_) {
    auto& added = *reply.add_candidates();
    added.set_session(each.session.value());
    added.set_candidate(each.text);
  }
  c.reply(reply);
}

void machine::on_session_closed(commit_context&, session_id session) {
  listeners_.drop(session);
  const auto found = candidacies_.find(session);
  if (found != candidacies_.end())
    sometimes(found->second == leading_ ? probe::elected_one_ends : probe::candidate_ends);
  leave(session);
}

void machine::settle(commit_context& c) {
  pass_on(c);
}

void machine::on_deleted(commit_context& c) {
  for (const auto& [candidacy, each] : candidates_) {
    proto::Deleted event;
    event.set_candidacy(candidacy.value());
    c.publish(each.session, encode_op<events>(event));
  }
  if (candidates_.empty()) return;
  candidates_.clear();
  candidacies_.clear();
  pass_on(c);
}

void machine::on_timer(commit_context&, timer_key) {}

void machine::walk(state_walk& walk) const {
  walk.number(leading_.value());
  walk.number(epoch_.value());
  walk.number(last_epoch_.value());
  walk.number(candidates_.size());
  for (const auto& [candidacy, each] : candidates_) {
    walk.number(candidacy.value());
    walk.number(each.session.value());
    walk.bytes(each.text);
    walk.number(each.handle);
  }
  listeners_.walk(walk);
}

proto::Leader machine::leader() const {
  proto::Leader reply;
  if (candidates_.empty()) return reply;
  const candidate& first = candidates_.begin()->second;
  reply.set_session(first.session.value());
  reply.set_epoch(epoch_.value());
  reply.set_candidate(first.text);
  return reply;
}

void machine::tell_listeners(commit_context& c) const {
  if (listeners_.empty()) return;
  proto::LeaderChanged event;
  if (!candidates_.empty()) *event.mutable_leader() = leader();
  listeners_.publish(c, encode_op<events>(event));
}

void machine::leave(session_id session) {
  const auto found = candidacies_.find(session);
  if (found == candidacies_.end()) return;
  candidates_.erase(found->second);
  candidacies_.erase(found);
}

// Usually the epoch is the index. But whoever is elected because the leader's session ended may
// resign by the very command that brought that to light: then two elections fall on one index.
void machine::lead(const commit_context& c, index_t candidacy) {
  leading_ = candidacy;
  epoch_ = last_epoch_ = std::max(c.index(), last_epoch_.next());
}

// Elects the next one, if the leader has left.
void machine::pass_on(commit_context& c) {
  if (leading_.is_none() || candidates_.contains(leading_)) return;
  leading_ = epoch_ = {};
  if (!candidates_.empty()) {
    const auto& [candidacy, next] = *candidates_.begin();
    lead(c, candidacy);
    sometimes(probe::election_passed_on);
    proto::Elected event;
    event.set_candidacy(candidacy.value());
    event.set_epoch(epoch_.value());
    c.publish(next.session, encode_op<events>(event));
  }
  tell_listeners(c);
}

}  // namespace atomix::resources::election
