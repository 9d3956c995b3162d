// SPDX-License-Identifier: Apache-2.0
/// \file The monotonic clock of one simulated machine: somewhere else than virtual time, and a
/// little faster or slower.
#pragma once

#include "sim/time.hpp"

#include <cstdint>

namespace atomix::sim {

/// local = offset + rate * virtual, rounded down; both may change on the way. It never goes back,
/// as monotonic clocks do not. Units: virtual time up to five hours.
class local_clock {
 public:
  local_clock() = default;
  /// Units: `rate_ppm` 1'000'000 is real time, 1'010'000 one per cent fast. Requires: not 0.
  local_clock(sim_time offset, std::uint64_t rate_ppm) : local_base_(offset), rate_ppm_(rate_ppm) {}

  [[nodiscard]] sim_time local(sim_time global) const {
    return local_base_ + (global - global_base_) * rate_ppm_ / one;
  }
  /// The first moment at which `local` shows at least `shown`.
  [[nodiscard]] sim_time global(sim_time shown) const {
    if (shown <= local_base_) return global_base_;
    return global_base_ + ((shown - local_base_) * one + rate_ppm_ - 1) / rate_ppm_;
  }

  /// From `now` on it shows `by` more.
  void jump(sim_time now, sim_duration by) {
    local_base_ = local(now) + by;
    global_base_ = now;
  }
  /// From `now` on it runs at this rate. Requires: not 0.
  void set_rate(sim_time now, std::uint64_t rate_ppm) {
    jump(now, 0);
    rate_ppm_ = rate_ppm;
  }

 private:
  // Nanoseconds of five hours, times a million, fit in 64 bits.
  static constexpr std::uint64_t one = 1'000'000;
  sim_time global_base_ = 0;
  sim_time local_base_ = 0;
  std::uint64_t rate_ppm_ = one;
};

}  // namespace atomix::sim
