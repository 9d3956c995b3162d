// SPDX-License-Identifier: Apache-2.0
/// \file What will happen in the simulated world, ordered by time, then by when it was decided.
#pragma once

#include "sim/time.hpp"

#include <absl/functional/any_invocable.h>

#include <cstdint>
#include <vector>

namespace atomix::sim {

using action = absl::AnyInvocable<void()>;

struct event {
  sim_time at = 0;
  std::uint64_t owner = 0;  ///< the process it belongs to, 0 for the world itself
  action run;
};

/// A priority queue that is stable: of two events at one time the one pushed first comes first.
/// Cost: O(log n) moves of small keys; the actions themselves stay where they are.
class event_queue {
 public:
  void push(event e);
  /// Requires: not empty.
  [[nodiscard]] event pop();
  /// Requires: not empty.
  [[nodiscard]] sim_time next_at() const { return heap_.front().at; }
  [[nodiscard]] bool empty() const { return heap_.empty(); }
  [[nodiscard]] std::size_t size() const { return heap_.size(); }

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

  std::vector<key> heap_;
  std::vector<event> slots_;
  std::vector<std::size_t> free_;  // slots without an event
  std::uint64_t next_sequence_ = 0;
};

}  // namespace atomix::sim
