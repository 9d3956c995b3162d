// SPDX-License-Identifier: Apache-2.0
/// \file What will happen in the simulated world, ordered by time, then by when it was decided.
#pragma once

#include "sim/time.hpp"

#include <absl/functional/any_invocable.h>

#include <cstdint>
#include <deque>
#include <vector>

namespace atomix::sim {

using action = absl::AnyInvocable<void()>;

struct event {
  sim_time at = 0;
  std::uint64_t owner = 0;  ///< the process it belongs to, 0 for the world itself
  action run;
};

/// A priority queue that is stable: of two events at one time the one pushed first comes first.
/// Cost: O(log n) moves of small keys; O(1) for what comes at the time of the last event popped,
/// which is a third of all. The actions themselves stay where they are.
class event_queue {
 public:
  /// Requires: not before the last event popped.
  void push(event e);
  /// Requires: not empty.
  [[nodiscard]] event pop();
  /// Requires: not empty.
  [[nodiscard]] sim_time next_at() const { return present_.empty() ? heap_.front().at : last_at_; }
  [[nodiscard]] bool empty() const { return heap_.empty() && present_.empty(); }
  [[nodiscard]] std::size_t size() const { return heap_.size() + present_.size(); }

 private:
  struct key {
    sim_time at;
    std::uint64_t sequence;
    std::size_t slot;
  };
  struct later {  // a type, so that the heap's algorithms have it inline
    bool operator()(const key& a, const key& b) const {
      return a.at != b.at ? a.at > b.at : a.sequence > b.sequence;
    }
  };

  [[nodiscard]] std::size_t store(event e);

  std::vector<key> heap_;
  std::deque<std::size_t> present_;  // slots of what was pushed for `last_at_` after it had come
  sim_time last_at_ = 0;
  std::vector<event> slots_;
  std::vector<std::size_t> free_;  // slots without an event
  std::uint64_t next_sequence_ = 0;
};

}  // namespace atomix::sim
