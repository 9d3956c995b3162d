// SPDX-License-Identifier: Apache-2.0
#include "resources/session_table.hpp"

#include "resources/state_hash.hpp"

#include "raft/base/check.hpp"
#include "raft/base/planted.hpp"
#include "raft/base/probe.hpp"

#include <algorithm>
#include <utility>

namespace atomix::resources {

const session_table::session* session_table::find(session_id id) const {
  const auto found = sessions_.find(id);
  return found == sessions_.end() ? nullptr : &found->second;
}

session_table::session* session_table::find(session_id id) {
  const auto found = sessions_.find(id);
  return found == sessions_.end() ? nullptr : &found->second;
}

session_table::session* session_table::find_in_use(session_id id) {
  session* s = find(id);
  return s == nullptr || s->expiring ? nullptr : s;
}

void session_table::erase(session_map::iterator found) {
  by_deadline_.erase({found->second.filed, found->first});
  overflowed_.erase(found->first);
  if (!found->second.token.empty()) by_token_.erase(found->second.token);
  sessions_.erase(found);
  ATOMIX_CHECK(
      by_deadline_.size() == sessions_.size() && by_token_.size() <= sessions_.size(),
      "Nothing is kept of a session that is gone.");
}

void session_table::touch(session& s, log_time now) {
  s.deadline = std::max(s.deadline, later(now, s.timeout_ms));
}

std::vector<session_id> session_table::advance(log_time now) {
  std::vector<session_id> expired;
  while (!by_deadline_.empty() && by_deadline_.begin()->first <= now) {
    const session_id id = by_deadline_.begin()->second;
    const auto found = sessions_.find(id);
    session& s = found->second;
    if (s.deadline <= now) {
      expired.push_back(id);
      erase(found);
      continue;
    }
    by_deadline_.erase(by_deadline_.begin());
    s.filed = s.deadline;
    by_deadline_.emplace(s.filed, id);
  }
  std::sort(expired.begin(), expired.end());
  if (!expired.empty()) sometimes(probe::session_expired);
  if (expired.size() > 1) sometimes(probe::sessions_expire_together);
  return expired;
}

void session_table::grant_grace(log_time now) {
  if (planted(bug::no_grace_after_failover)) return;
  for (auto& [id, s] : sessions_)
    touch(s, now);
}

session_id session_table::open(
    index_t index, std::string_view token, std::uint64_t timeout_ms, log_time now) {
  if (const auto known = by_token_.find(token); known != by_token_.end()) {
    sometimes(probe::session_opened_again);
    touch(sessions_.at(known->second), now);
    return known->second;
  }
  const session_id id{index.value()};
  session& s = sessions_[id];
  s.token = std::string(token);
  s.timeout_ms = std::clamp(timeout_ms, timeout_ms_min, timeout_ms_max);
  s.deadline = s.filed = later(now, s.timeout_ms);
  by_deadline_.emplace(s.filed, id);
  if (!s.token.empty()) by_token_.emplace(s.token, id);
  return id;
}

bool session_table::keep_alive(
    session_id id, std::uint64_t replies_seen, std::uint64_t events_seen, log_time now) {
  session* s = find_in_use(id);
  if (s == nullptr) return false;
  touch(*s, now);
  while (!s->replies.empty() && s->replies.front().reply.sequence <= replies_seen)
    s->replies.pop_front();
  s->events_seen = std::max(s->events_seen, events_seen);
  while (!s->events.empty() && s->events.front().number <= s->events_seen) {
    s->events_bytes -= s->events.front().event.size();
    s->events.pop_front();
  }
  note_overflow(id, *s);
  return true;
}

bool session_table::close(session_id id) {
  const auto found = sessions_.find(id);
  if (found == sessions_.end()) return false;
  erase(found);
  return true;
}

bool session_table::let_expire(session_id id) {
  session* s = find_in_use(id);
  if (s == nullptr) return false;
  s->expiring = true;
  s->events.clear();
  s->events_bytes = 0;
  overflowed_.erase(id);
  by_token_.erase(std::exchange(s->token, {}));
  return true;
}

admitted session_table::admit(session_id id, std::uint64_t sequence, index_t index, log_time now) {
  session* s = find_in_use(id);
  if (s == nullptr) return {};
  touch(*s, now);
  // Sequences count from 1: 0 follows nothing and never will.
  if (sequence == 0 || sequence > s->last_sequence + 1) return {admission::gap, nullptr};
  if (sequence == s->last_sequence + 1) {
    s->last_sequence = sequence;
    reply_slot& slot = s->replies.emplace_back();
    slot.reply.sequence = sequence;
    slot.reply.index = index;
    if (s->replies.size() > limits_.replies_max) s->replies.pop_front();
    return {admission::fresh, nullptr};
  }
  const std::uint64_t forgotten = replies_forgotten(*s);
  if (sequence <= forgotten) return {admission::forgotten, nullptr};
  const reply_slot& slot = s->replies[sequence - forgotten - 1];
  if (planted(bug::retry_applied_twice)) return {admission::fresh, nullptr};
  sometimes(slot.completed ? probe::command_answered_again : probe::command_repeated_early);
  if (!slot.completed) return {admission::pending, nullptr};
  return {admission::duplicate, &slot.reply};
}

void session_table::complete(session_id id, cached_reply reply) {
  session* s = find(id);
  if (s == nullptr || reply.sequence > s->last_sequence) return;
  const std::uint64_t forgotten = replies_forgotten(*s);
  if (reply.sequence <= forgotten) return;
  reply_slot& slot = s->replies[reply.sequence - forgotten - 1];
  reply.index = slot.reply.index;
  slot = {true, std::move(reply)};
}

const session_event* session_table::last_event(session_id id) const {
  const session* s = find(id);
  if (s == nullptr || s->events.empty()) return nullptr;
  const auto& last = s->events.back();
  return last.number == s->events_published ? &last : nullptr;
}

bool session_table::publish(session_id to, index_t index, std::string resource, std::string event) {
  session* s = find(to);
  if (s == nullptr) return false;
  // Counted even if nobody hears of it: how many came before the session was let go depends on how
  // this replica batches.
  const std::uint64_t number = ++s->events_published;
  if (s->expiring || s->gapped) return false;
  if (number <= s->events_seen) {
    sometimes(probe::event_seen_already);
    return false;
  }
  s->gapped = event.size() > limits_.event_bytes_max;
  if (s->gapped) {
    note_overflow(to, *s);
    return false;
  }
  s->events_bytes += event.size();
  const auto later_than = [](index_t i, const reply_slot& slot) {
    return i < slot.reply.index;
  };
  const auto after = std::upper_bound(s->replies.begin(), s->replies.end(), index, later_than);
  const auto replies_before = static_cast<std::uint64_t>(after - s->replies.begin());
  s->events.push_back(
      {number,
       index,
       replies_forgotten(*s) + replies_before,
       std::move(resource),
       std::move(event)});
  note_overflow(to, *s);
  return true;
}

void session_table::note_overflow(session_id id, const session& s) {
  if (s.gapped || s.events.size() > limits_.events_max
      || s.events_bytes > limits_.events_bytes_max) {
    overflowed_.insert(id);
  } else {
    overflowed_.erase(id);
  }
}

std::vector<session_id> session_table::overflowed() const {
  return {overflowed_.begin(), overflowed_.end()};
}

bool session_table::contains(session_id id) const {
  return find(id) != nullptr;
}

bool session_table::is_in_use(session_id id) const {
  const session* s = find(id);
  return s != nullptr && !s->expiring;
}

std::size_t session_table::size() const {
  return sessions_.size();
}

std::uint64_t session_table::timeout_ms(session_id id) const {
  const session* s = find(id);
  return s == nullptr ? 0 : s->timeout_ms;
}

std::uint64_t session_table::last_sequence(session_id id) const {
  const session* s = find(id);
  return s == nullptr ? 0 : s->last_sequence;
}

std::vector<session_event> session_table::events_after(session_id id, std::uint64_t number) const {
  const session* s = find(id);
  if (s == nullptr) return {};
  if (s->events.empty()) return {};
  // Numbers have no gap, so the place of one is known.
  const std::uint64_t first = s->events.front().number;
  std::uint64_t skipped = number < first ? 0 : number - first + 1;
  if (planted(bug::events_resent_wrong)) ++skipped;
  if (skipped >= s->events.size()) return {};
  return {s->events.begin() + static_cast<std::ptrdiff_t>(skipped), s->events.end()};
}

std::vector<cached_reply> session_table::replies_from(session_id id, std::uint64_t sequence) const {
  const session* s = find(id);
  std::vector<cached_reply> found;
  if (s == nullptr) return found;
  for (const reply_slot& slot : s->replies)
    if (slot.completed && slot.reply.sequence >= sequence) found.push_back(slot.reply);
  return found;
}

std::optional<log_time> session_table::next_deadline() const {
  if (by_deadline_.empty()) return std::nullopt;
  return by_deadline_.begin()->first;
}

std::uint64_t session_table::state_hash() const {
  hashing_walk hash;
  for (const auto& [id, s] : sessions_) {
    hash.number(id.value());
    hash.bytes(s.token);
    for (const std::uint64_t number :
         {s.timeout_ms,
          s.deadline.value(),
          s.last_sequence,
          s.events_published,
          s.events_seen,
          std::uint64_t{s.replies.size()},
          std::uint64_t{s.events.size()},
          std::uint64_t{s.expiring}})
      hash.number(number);
    for (const auto& [completed, reply] : s.replies) {
      hash.number(reply.index.value());
      hash.number(static_cast<std::uint64_t>(reply.code));
      hash.bytes(reply.error);
      hash.bytes(reply.result);
    }
    // Not `after_sequence`: what is acknowledged meanwhile changes it, and no client sees that.
    for (const session_event& event : s.events) {
      hash.number(event.index.value());
      hash.bytes(event.resource);
      hash.bytes(event.event);
    }
  }
  return hash.value();
}

}  // namespace atomix::resources
