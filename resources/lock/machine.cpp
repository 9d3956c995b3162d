// SPDX-License-Identifier: Apache-2.0
#include "resources/lock/machine.hpp"

#include "raft/base/check.hpp"
#include "raft/base/planted.hpp"
#include "raft/base/probe.hpp"

#include <absl/status/status.h>

#include <algorithm>

namespace atomix::resources::lock {
namespace {

proto::Answer answer(bool yes) {
  proto::Answer reply;
  reply.set_yes(yes);
  return reply;
}

}  // namespace

void machine::apply(commit_context& c, const proto::Acquire& op) {
  if (holder_ && holder_->by.session == c.session()) {
    return c.fail(absl::FailedPreconditionError(
        "The lock is already held by this session: locks are not reentrant."));
  }
  if (requests_.contains(c.session()))
    return c.fail(absl::FailedPreconditionError("This session already waits for the lock."));
  proto::Asked reply;
  if (!holder_) {
    grant(c, {c.session(), op.handle()});
    reply.set_token(last_token_.value());
  } else if (op.wait_forever() || op.wait_ms() != 0) {
    if (!waiting_.empty()) sometimes(probe::lock_queue);
    waiting_.emplace_hint(waiting_.end(), c.index(), waiter{c.session(), op.handle()});
    requests_.emplace(c.session(), c.index());
    if (!op.wait_forever()) c.schedule(c.index().value(), later(c.now(), op.wait_ms()));
    reply.set_request(c.index().value());
  }
  c.reply(reply);
}

void machine::apply(commit_context& c, const proto::Release& op) {
  const bool holds = holder_ && holder_->by.session == c.session()
                     && (!op.has_token() || index_t{op.token()} == holder_->token);
  c.reply(answer(holds));
  if (!holds) return;
  if (holder_->by.handle != op.handle()) {
    proto::Released event;
    event.set_token(holder_->token.value());
    c.publish(c.session(), encode_op<events>(event));
  }
  grant_next(c);
}

void machine::apply(commit_context& c, const proto::Withdraw&) {
  const auto found = requests_.find(c.session());
  c.reply(answer(found != requests_.end()));
  if (found == requests_.end()) return;
  sometimes(probe::lock_request_withdrawn);
  proto::Withdrawn event;
  event.set_request(found->second.value());
  leave(c, waiting_.find(found->second));
  c.publish(c.session(), encode_op<events>(event));
}

void machine::query(query_context& c, const proto::GetState&) const {
  proto::State reply;
  if (holder_) {
    reply.set_session(holder_->by.session.value());
    reply.set_token(holder_->token.value());
  }
  reply.set_waiting(waiting_.size());
  c.reply(reply);
}

void machine::query(query_context& c, const proto::Check& op) const {
  c.reply(answer(holder_ && holder_->token == index_t{op.token()}));
}

// The dead wait no more, so that nobody grants to them: once this left the lock stuck for ever. The
// lock goes on only when all that end at this entry are out.
void machine::on_session_closed(commit_context& c, session_id session) {
  const auto found = requests_.find(session);
  const bool keeps_the_dead = planted(bug::grant_to_dead_session);
  if (found != requests_.end()) sometimes(probe::lock_waiter_ends);
  if (found != requests_.end() && !keeps_the_dead) leave(c, waiting_.find(found->second));
  if (!holder_ || holder_->by.session != session) return;
  sometimes(probe::lock_holder_ends);
  holder_.reset();
}

void machine::settle(commit_context& c) {
  if (!holder_) grant_next(c);
}

void machine::on_deleted(commit_context& c) {
  if (holder_) {
    proto::Deleted event;
    event.set_token(holder_->token.value());
    c.publish(holder_->by.session, encode_op<events>(event));
  }
  for (const auto& [request, who] : waiting_) {
    proto::Deleted event;
    event.set_request(request.value());
    c.publish(who.session, encode_op<events>(event));
  }
}

void machine::on_timer(commit_context& c, timer_key key) {
  const auto request = waiting_.find(index_t{key});
  ATOMIX_CHECK(request != waiting_.end(), "a timer of a lock belongs to a request that waits");
  sometimes(probe::lock_wait_ends);
  const session_id session = request->second.session;
  leave(c, request);
  proto::TimedOut event;
  event.set_request(key);
  c.publish(session, encode_op<events>(event));
}

void machine::walk(state_walk& walk) const {
  walk.number(holder_ ? holder_->by.session.value() : 0);
  walk.number(holder_ ? holder_->by.handle : 0);
  walk.number(holder_ ? holder_->token.value() : 0);
  walk.number(last_token_.value());
  walk.number(waiting_.size());
  for (const auto& [request, who] : waiting_) {
    walk.number(request.value());
    walk.number(who.session.value());
    walk.number(who.handle);
  }
}

// Usually the index. But whoever is granted the lock because its holder's session ended may give it
// up by the very command that brought that to light: then two grants fall on one index.
void machine::grant(commit_context& c, const waiter& to) {
  last_token_ = std::max(c.index(), last_token_.next());
  holder_ = hold{to, last_token_};
}

void machine::grant_next(commit_context& c) {
  holder_.reset();
  if (waiting_.empty()) return;
  sometimes(probe::lock_passed_on);
  const auto next = waiting_.begin();
  proto::Granted event;
  grant(c, next->second);
  event.set_request(next->first.value());
  event.set_token(last_token_.value());
  leave(c, next);
  c.publish(holder_->by.session, encode_op<events>(event));
}

void machine::leave(commit_context& c, queue::iterator request) {
  c.cancel(request->first.value());
  requests_.erase(request->second.session);
  waiting_.erase(request);
}

}  // namespace atomix::resources::lock
