// SPDX-License-Identifier: Apache-2.0
#include "resources/value/machine.hpp"

#include "raft/base/probe.hpp"

#include <utility>

namespace atomix::resources::value {
namespace {

constexpr timer_key ttl_timer = 1;

}  // namespace

void machine::apply(commit_context& c, const proto::Set& op) {
  write(c, op.has_value() ? content{op.value()} : std::nullopt, op.ttl_ms());
}

void machine::apply(commit_context& c, const proto::GetAndSet& op) {
  c.reply(current());
  write(c, op.has_value() ? content{op.value()} : std::nullopt, op.ttl_ms());
}

void machine::apply(commit_context& c, const proto::CompareAndSet& op) {
  proto::Swapped reply;
  reply.set_swapped(op.has_expect() == value_.has_value() && (!value_ || op.expect() == *value_));
  c.reply(reply);
  if (!reply.swapped()) return sometimes(probe::value_not_swapped);
  write(c, op.has_update() ? content{op.update()} : std::nullopt, op.ttl_ms());
}

void machine::apply(commit_context& c, const proto::Listen& op) {
  listeners_.add(c.session(), op.listener());
}

void machine::apply(commit_context& c, const proto::Unlisten& op) {
  listeners_.remove(c.session(), op.listener());
}

void machine::query(query_context& c, const proto::Get&) const {
  c.reply(current());
}

void machine::on_session_closed(commit_context&, session_id session) {
  listeners_.drop(session);
}

void machine::on_deleted(commit_context& c) {
  replace(c, std::nullopt);
}

void machine::on_timer(commit_context& c, timer_key) {
  sometimes(probe::value_expires);
  replace(c, std::nullopt);
}

void machine::walk(state_walk& walk) const {
  walk.number(value_.has_value() ? 1 : 0);
  walk.bytes(value_.value_or(std::string{}));
  walk.number(version_.value());
  listeners_.walk(walk);
}

void machine::write(commit_context& c, content value, std::uint64_t ttl_ms) {
  // Nothing lives on a deadline of the value before; and what is unset has nothing to expire.
  c.cancel(ttl_timer);
  if (ttl_ms != 0 && value) c.schedule(ttl_timer, later(c.now(), ttl_ms));
  replace(c, std::move(value));
}

void machine::replace(commit_context& c, content value) {
  const bool was_set = value_.has_value();
  if (!was_set && !value) return;
  if (!listeners_.empty()) {
    proto::Changed event;
    if (was_set) event.set_old_value(*value_);
    if (value) event.set_new_value(*value);
    listeners_.publish(c, encode_op<events>(event));
  }
  value_ = std::move(value);
  version_ = c.index();
}

proto::Current machine::current() const {
  proto::Current reply;
  if (value_) reply.set_value(*value_);
  reply.set_version(version_.value());
  return reply;
}

}  // namespace atomix::resources::value
