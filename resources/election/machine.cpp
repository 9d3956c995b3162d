// SPDX-License-Identifier: Apache-2.0
#include "resources/election/machine.hpp"

#include <absl/status/status.h>

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
      candidates_.end(), c.index(), candidate{c.session(), std::string(op.candidate())});
  candidacies_.emplace(c.session(), c.index());
  if (elected) epoch_ = c.index();
  proto::Entered reply;
  reply.set_candidacy(c.index().value());
  if (elected) reply.set_epoch(epoch_.value());
  c.reply(reply);
  if (elected) tell_listeners(c);
}

void machine::apply(commit_context& c, const proto::Resign&) {
  c.reply(answer(leave(c, c.session())));
}

void machine::apply(commit_context& c, const proto::Listen&) {
  listeners_.add(c.session());
}

void machine::apply(commit_context& c, const proto::Unlisten&) {
  listeners_.remove(c.session());
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

void machine::on_session_closed(commit_context& c, session_id session) {
  listeners_.drop(session);
  static_cast<void>(leave(c, session));
}

void machine::on_timer(commit_context&, timer_key) {}

void machine::walk(state_walk& walk) const {
  walk.number(epoch_.value());
  walk.number(candidates_.size());
  for (const auto& [candidacy, each] : candidates_) {
    walk.number(candidacy.value());
    walk.number(each.session.value());
    walk.bytes(each.text);
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

// False if the session was no candidate. If several sessions end at one entry, one that is about to
// end may be elected, and the next one gets the same epoch: listeners hear of both, in order, but
// the first never led.
bool machine::leave(commit_context& c, session_id session) {
  const auto found = candidacies_.find(session);
  if (found == candidacies_.end()) return false;
  const bool led = found->second == candidates_.begin()->first;
  candidates_.erase(found->second);
  candidacies_.erase(found);
  if (!led) return true;
  epoch_ = candidates_.empty() ? index_t{} : c.index();
  if (!candidates_.empty()) {
    const auto& [candidacy, next] = *candidates_.begin();
    proto::Elected event;
    event.set_candidacy(candidacy.value());
    event.set_epoch(epoch_.value());
    c.publish(next.session, encode_op<events>(event));
  }
  tell_listeners(c);
  return true;
}

}  // namespace atomix::resources::election
