// SPDX-License-Identifier: Apache-2.0
#include "sim/event_queue.hpp"

#include <absl/strings/str_format.h>

#include <algorithm>
#include <utility>

namespace atomix::sim {

std::string show_time(sim_time at) {
  return absl::StrFormat("%d.%06ds", at / second, at % second / microsecond);
}

void event_queue::push(event e) {
  std::size_t slot = slots_.size();
  const sim_time at = e.at;
  if (free_.empty()) {
    slots_.push_back(std::move(e));
  } else {
    slot = free_.back();
    free_.pop_back();
    slots_[slot] = std::move(e);
  }
  heap_.push_back({at, next_sequence_++, slot});
  std::push_heap(heap_.begin(), heap_.end(), later{});
}

event event_queue::pop() {
  std::pop_heap(heap_.begin(), heap_.end(), later{});
  const std::size_t slot = heap_.back().slot;
  heap_.pop_back();
  free_.push_back(slot);
  return std::move(slots_[slot]);
}

}  // namespace atomix::sim
