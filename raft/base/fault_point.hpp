// SPDX-License-Identifier: Apache-2.0
/// \file Named places in production code where the simulator may strike, and whose reaching it
/// counts. Free in every other build.
#pragma once

#include <string_view>

namespace atomix {

#ifdef ATOMIX_SIMULATION

class fault_point_listener {
 public:
  fault_point_listener() = default;
  fault_point_listener(const fault_point_listener&) = delete;
  fault_point_listener& operator=(const fault_point_listener&) = delete;
  virtual ~fault_point_listener() = default;
  /// Changes nothing that the caller can see: what it decides happens after the present step.
  virtual void reached(std::string_view point) = 0;
};
/// For this thread. Returns the listener before; null: none.
fault_point_listener* listen_to_fault_points(fault_point_listener* listener);

/// Says that execution comes by here. `point` is a name such as "log.before_sync", unique in the
/// project and never computed.
void fault_point(std::string_view point);

#else

constexpr void fault_point(std::string_view /*point*/) {}

#endif

}  // namespace atomix
