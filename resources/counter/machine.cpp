// SPDX-License-Identifier: Apache-2.0
#include "resources/counter/machine.hpp"

namespace atomix::resources::counter {

void machine::apply(commit_context& c, const proto::Set& op) {
  move_to(c, op.value());
}

void machine::apply(commit_context& c, const proto::CompareAndSet& op) {
  proto::Swapped reply;
  reply.set_swapped(value_ == op.expect());
  c.reply(reply);
  if (reply.swapped()) write(c, op.update());
}

void machine::apply(commit_context& c, const proto::Add& op) {
  // Signed overflow is undefined in C++, and every replica must do the same: unsigned wraps.
  move_to(
      c,
      static_cast<std::int64_t>(
          static_cast<std::uint64_t>(value_) + static_cast<std::uint64_t>(op.delta())));
}

void machine::apply(commit_context& c, const proto::Listen& op) {
  listeners_.add(c.session(), op.listener());
}

void machine::apply(commit_context& c, const proto::Unlisten& op) {
  listeners_.remove(c.session(), op.listener());
}

void machine::query(query_context& c, const proto::Get&) const {
  proto::Current reply;
  reply.set_value(value_);
  c.reply(reply);
}

void machine::on_session_closed(commit_context&, session_id session) {
  listeners_.drop(session);
}

void machine::on_deleted(commit_context& c) {
  if (value_ != 0) write(c, 0);
}

void machine::on_timer(commit_context&, timer_key) {}

void machine::walk(state_walk& walk) const {
  walk.number(static_cast<std::uint64_t>(value_));
  listeners_.walk(walk);
}

void machine::move_to(commit_context& c, std::int64_t value) {
  proto::Moved reply;
  reply.set_before(value_);
  reply.set_after(value);
  c.reply(reply);
  write(c, value);
}

void machine::write(commit_context& c, std::int64_t value) {
  if (!listeners_.empty()) {
    proto::Changed event;
    event.set_old_value(value_);
    event.set_new_value(value);
    listeners_.publish(c, encode_op<events>(event));
  }
  value_ = value;
}

}  // namespace atomix::resources::counter
