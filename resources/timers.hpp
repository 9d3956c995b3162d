// SPDX-License-Identifier: Apache-2.0
/// \file The timers of one machine, in log time. Part of the replicated state.
#pragma once

#include "resources/machine.hpp"

#include "raft/base/ids.hpp"

#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

namespace atomix::resources {

/// At most one timer per key; ordered by deadline, then key.
class timers {
 public:
  using due_timer = std::pair<log_time, timer_key>;

  void schedule(timer_key key, log_time at) {
    cancel(key);
    deadlines_[key] = at;
    order_.emplace(at, key);
  }
  void cancel(timer_key key) {
    const auto found = deadlines_.find(key);
    if (found == deadlines_.end()) return;
    order_.erase({found->second, key});
    deadlines_.erase(found);
  }
  /// Those due by `now`, in order. They stay set until taken.
  [[nodiscard]] std::vector<due_timer> due(log_time now) const {
    std::vector<due_timer> result;
    for (auto i = order_.begin(); i != order_.end() && i->first <= now; ++i)
      result.push_back(*i);
    return result;
  }
  /// Removes the timer; false if it was cancelled or moved since `due` told of it.
  [[nodiscard]] bool take(const due_timer& timer) {
    if (order_.erase(timer) == 0) return false;
    deadlines_.erase(timer.second);
    return true;
  }
  [[nodiscard]] std::optional<log_time> next_deadline() const {
    if (order_.empty()) return std::nullopt;
    return order_.begin()->first;
  }
  void walk(state_walk& walk) const {
    walk.number(order_.size());
    for (const auto& [deadline, key] : order_) {
      walk.number(deadline.value());
      walk.number(key);
    }
  }

 private:
  std::map<timer_key, log_time> deadlines_;
  std::set<due_timer> order_;  // the same, by deadline
};

}  // namespace atomix::resources
