// SPDX-License-Identifier: Apache-2.0
#include "resources/map/machine.hpp"

#include "raft/base/check.hpp"
#include "raft/base/probe.hpp"

#include <iterator>

namespace atomix::resources::map {
namespace {

proto::Found found(const std::string& value) {
  proto::Found reply;
  reply.set_value(value);
  return reply;
}

proto::Answer answer(bool yes) {
  proto::Answer reply;
  reply.set_yes(yes);
  return reply;
}

}  // namespace

void machine::apply(commit_context& c, const proto::Put& op) {
  const auto at = entries_.lower_bound(op.key());
  const bool present = at != entries_.end() && at->first == op.key();
  if (op.return_previous()) c.reply(present ? found(at->second.value) : proto::Found{});
  if (present) return overwrite(c, at, {op.value(), op.ttl_ms()});
  insert(c, at, op.key(), {op.value(), op.ttl_ms()});
}

void machine::apply(commit_context& c, const proto::PutIfAbsent& op) {
  const auto at = entries_.lower_bound(op.key());
  if (at != entries_.end() && at->first == op.key()) return c.reply(found(at->second.value));
  c.reply(proto::Found{});
  insert(c, at, op.key(), {op.value(), op.ttl_ms()});
}

void machine::apply(commit_context& c, const proto::Remove& op) {
  const auto at = entries_.find(op.key());
  if (at == entries_.end()) return c.reply(proto::Found{});
  c.reply(found(at->second.value));
  erase(c, at, false);
}

void machine::apply(commit_context& c, const proto::RemoveIf& op) {
  const auto at = entries_.find(op.key());
  const bool matches = at != entries_.end() && at->second.value == op.value();
  c.reply(answer(matches));
  if (matches) erase(c, at, false);
}

void machine::apply(commit_context& c, const proto::Replace& op) {
  const auto at = entries_.find(op.key());
  if (at == entries_.end()) return c.reply(proto::Found{});
  c.reply(found(at->second.value));
  overwrite(c, at, {op.value(), op.ttl_ms()});
}

void machine::apply(commit_context& c, const proto::ReplaceIf& op) {
  const auto at = entries_.find(op.key());
  const bool matches = at != entries_.end() && at->second.value == op.expect();
  c.reply(answer(matches));
  if (matches) overwrite(c, at, {op.update(), op.ttl_ms()});
}

void machine::apply(commit_context& c, const proto::Clear&) {
  if (entries_.empty()) return;
  proto::Cleared event;
  event.set_entries(entries_.size());
  for (const auto& [timer, key] : expiring_)
    c.cancel(timer);
  expiring_.clear();
  entries_.clear();
  interest_.publish_to_all(c, encode_op<events>(event));
}

void machine::apply(commit_context& c, const proto::Listen& op) {
  if (op.has_key()) return interest_.add(op.key(), c.session(), op.listener());
  interest_.add_all(c.session(), op.listener());
}

void machine::apply(commit_context& c, const proto::Unlisten& op) {
  if (op.has_key()) return interest_.remove(op.key(), c.session(), op.listener());
  interest_.remove_all(c.session(), op.listener());
}

void machine::query(query_context& c, const proto::Get& op) const {
  const auto at = entries_.find(op.key());
  c.reply(at == entries_.end() ? proto::Found{} : found(at->second.value));
}

void machine::query(query_context& c, const proto::ContainsKey& op) const {
  c.reply(answer(entries_.contains(op.key())));
}

void machine::query(query_context& c, const proto::ContainsValue& op) const {
  for (const auto& [key, content] : entries_)
    if (content.value == op.value()) return c.reply(answer(true));
  c.reply(answer(false));
}

void machine::query(query_context& c, const proto::GetSize&) const {
  proto::Size reply;
  reply.set_entries(entries_.size());
  c.reply(reply);
}

void machine::query(query_context& c, const proto::Scan& op) const {
  proto::Scanned reply;
  auto at = op.has_after() ? entries_.upper_bound(op.after()) : entries_.begin();
  std::size_t bytes = 0;
  for (std::uint64_t count = 0; at != entries_.end(); ++at, ++count) {
    if (op.limit() != 0 && count == op.limit()) break;
    if (op.keys()) bytes += at->first.size();
    if (op.values()) bytes += at->second.value.size();
    if (bytes > answer_bytes_max) return c.fail(answer_too_large());
    if (op.keys()) reply.add_keys(at->first);
    if (op.values()) reply.add_values(at->second.value);
  }
  reply.set_more(at != entries_.end());
  c.reply(reply);
}

void machine::on_session_closed(commit_context&, session_id session) {
  interest_.drop(session);
}

void machine::on_deleted(commit_context& c) {
  apply(c, proto::Clear{});
}

void machine::on_timer(commit_context& c, timer_key key) {
  const auto expired = expiring_.find(key);
  ATOMIX_CHECK(expired != expiring_.end(), "a timer of a map belongs to an entry");
  sometimes(probe::map_entry_expires);
  const auto at = entries_.find(expired->second);
  ATOMIX_CHECK(at != entries_.end(), "what expires in a map is in it");
  erase(c, at, true);
}

void machine::walk(state_walk& walk) const {
  walk.number(entries_.size());
  for (const auto& [key, content] : entries_) {
    walk.bytes(key);
    walk.bytes(content.value);
    walk.number(content.timer);
  }
  walk.number(last_timer_);
  interest_.walk(walk);
}

void machine::insert(
    commit_context& c, entries::iterator before, const std::string& key, written to) {
  const auto at = entries_.emplace_hint(before, key, entry{to.value, 0});
  if (to.ttl_ms != 0) start_ttl(c, at, to.ttl_ms);
  if (!interest_.wants(key)) return;
  proto::Changed event;
  event.set_key(key);
  event.set_new_value(to.value);
  interest_.publish(c, key, encode_op<events>(event));
}

void machine::overwrite(commit_context& c, entries::iterator at, written to) {
  entry& content = at->second;
  // Nothing lives on a deadline of the value before.
  if (content.timer != 0) stop_ttl(c, content);
  if (to.ttl_ms != 0) start_ttl(c, at, to.ttl_ms);
  if (interest_.wants(at->first)) {
    proto::Changed event;
    event.set_key(at->first);
    event.set_old_value(content.value);
    event.set_new_value(to.value);
    interest_.publish(c, at->first, encode_op<events>(event));
  }
  content.value = to.value;  // keeps its memory if that is large enough
}

void machine::erase(commit_context& c, entries::iterator at, bool expired) {
  if (at->second.timer != 0) stop_ttl(c, at->second);
  if (interest_.wants(at->first)) {
    proto::Changed event;
    event.set_key(at->first);
    event.set_old_value(at->second.value);
    event.set_expired(expired);
    interest_.publish(c, at->first, encode_op<events>(event));
  }
  entries_.erase(at);
}

void machine::start_ttl(commit_context& c, entries::iterator at, std::uint64_t ttl_ms) {
  at->second.timer = ++last_timer_;
  expiring_.emplace_hint(expiring_.end(), last_timer_, at->first);
  c.schedule(last_timer_, later(c.now(), ttl_ms));
  ATOMIX_CHECK(expiring_.size() <= entries_.size(), "only what is in a map has a time to live");
}

void machine::stop_ttl(commit_context& c, entry& of) {
  c.cancel(of.timer);
  expiring_.erase(of.timer);
  of.timer = 0;
}

}  // namespace atomix::resources::map
