// SPDX-License-Identifier: Apache-2.0
/// \file When all must go well, since nothing hinders it.
#pragma once

#include "sim/time.hpp"

#include <algorithm>

namespace atomix::sim {

/// Somebody is elected, and clients have found him.
inline constexpr sim_duration time_to_find_back = 5 * second;

/// From its beginning on nothing hinders anybody, and everybody has had the time to find back. Then
/// a minority may be struck, for good: all the others go on without, once they have found back.
struct quiet_time {
  sim_time begin = 0;
  sim_time end = 0;              ///< not after `begin`: there is none
  sim_time blow = ~sim_time{0};  ///< when the minority is struck

  /// Whether what waited from `since` to `until` did so for longer than `limit` on end, for no
  /// reason.
  [[nodiscard]] bool is_too_long(sim_time since, sim_time until, sim_duration limit) const {
    const auto within = [&](sim_time from, sim_time to) {
      return std::min(until, to) > std::max(since, from) + limit;
    };
    return within(begin, std::min(blow, end)) || (blow < end && within(found_back(), end));
  }
  /// When those who were not struck have found back. Requires: there is a blow.
  [[nodiscard]] sim_time found_back() const { return std::max(begin, blow + time_to_find_back); }
};

}  // namespace atomix::sim
