// SPDX-License-Identifier: Apache-2.0
/// \file The one timer of an actor that sleeps until something may be due. CAF's own messages of
/// the future cannot be taken back: an alarm that another one overtook is known by its number.
#pragma once

#include <caf/actor_clock.hpp>

#include <cstdint>

namespace atomix::actors {

class alarm {
 public:
  using time_point = caf::actor_clock::time_point;

  /// Sends `Ring{number}` to `to`, the actor itself, at `due`, unless one that is not later is on
  /// its way.
  template <class Ring, class Self, class Actor>
  void set(Self self, const Actor& to, time_point due) {
    if (is_set_ && due_ <= due) return;
    is_set_ = true;
    due_ = due;
    self->scheduled_send(to, due, Ring{++number_});
  }
  /// When the one that was set last rings, or rang.
  [[nodiscard]] time_point due() const { return due_; }
  /// Whether what came is the alarm that was set last; it is not set any more.
  template <class Ring>
  [[nodiscard]] bool rings(const Ring& ring) {
    if (ring.alarm != number_) return false;
    is_set_ = false;
    return true;
  }

 private:
  bool is_set_ = false;
  time_point due_;
  std::uint64_t number_ = 0;
};

}  // namespace atomix::actors
