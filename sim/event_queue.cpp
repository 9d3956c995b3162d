// SPDX-License-Identifier: Apache-2.0
#include "sim/event_queue.hpp"

#include <absl/strings/str_format.h>

#include <algorithm>
#include <utility>

namespace atomix::sim {

std::string show_time(sim_time at) {
  return absl::StrFormat("%d.%06ds", at / second, at % second / microsecond);
}

std::size_t event_queue::store(event e) {
  if (free_.empty()) {
    slots_.push_back(std::move(e));
    return slots_.size() - 1;
  }
  const std::size_t slot = free_.back();
  free_.pop_back();
  slots_[slot] = std::move(e);
  return slot;
}

void event_queue::push(event e) {
  const sim_time at = e.at;
  const std::size_t slot = store(std::move(e));
  if (at == last_at_) return present_.push_back(slot);
  heap_.push_back({at, next_sequence_++, slot});
  std::push_heap(heap_.begin(), heap_.end(), later{});
}

event event_queue::pop() {
  std::size_t slot = 0;
  // What the heap has for the present was pushed before the present came.
  if (!present_.empty() && (heap_.empty() || heap_.front().at > last_at_)) {
    slot = present_.front();
    present_.pop_front();
  } else {
    std::pop_heap(heap_.begin(), heap_.end(), later{});
    last_at_ = heap_.back().at;
    slot = heap_.back().slot;
    heap_.pop_back();
  }
  free_.push_back(slot);
  return std::move(slots_[slot]);
}

}  // namespace atomix::sim
