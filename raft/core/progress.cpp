// SPDX-License-Identifier: Apache-2.0
#include "raft/core/progress.hpp"

#include "raft/base/probe.hpp"

#include <algorithm>

namespace atomix::raft {

void progress::sent(index_t last, std::size_t bytes) {
  if (probing_) {
    waiting_ = true;
    return;
  }
  inflight_.push_back({last, bytes});
  inflight_bytes_ += bytes;
  next_ = last.next();
}

void progress::accepted(index_t index) {
  if (index < match_ || (index == match_ && !probing_)) return;
  match_ = index;
  waiting_ = false;
  if (probing_) {
    probing_ = false;
    next_ = match_.next();
    return;
  }
  next_ = std::max(next_, match_.next());
  while (!inflight_.empty() && inflight_.front().last <= match_) {
    inflight_bytes_ -= inflight_.front().bytes;
    inflight_.pop_front();
  }
}

void progress::refused(index_t previous, index_t retry) {
  if (previous <= match_) return sometimes(probe::refusal_outdated);
  if (probing_ && previous.next() != next_) return;
  probe_from(std::clamp(retry, match_.next(), previous));
}

void progress::lost() {
  probe_from(match_.next());
  waiting_ = true;
  repeat_ = true;
}

void progress::heartbeat_due() {
  const index_t oldest = inflight_.empty() ? index_t{} : inflight_.front().last;
  const bool stalled = !oldest.is_none() && oldest == oldest_at_heartbeat_;
  repeat_ = waiting_ || stalled;
  oldest_at_heartbeat_ = oldest;
}

bool progress::heartbeat_answered() {
  if (!repeat_) return false;
  probe_from(probing_ ? next_ : match_.next());
  return true;
}

void progress::load_ended(bool found) {
  loading_ = false;
  waiting_ = waiting_ || !found;
}

void progress::probe_from(index_t next) {
  probing_ = true;
  waiting_ = false;
  repeat_ = false;
  next_ = next;
  inflight_.clear();
  inflight_bytes_ = 0;
  oldest_at_heartbeat_ = index_t{};
}

}  // namespace atomix::raft
