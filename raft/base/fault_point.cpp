// SPDX-License-Identifier: Apache-2.0
#include "raft/base/fault_point.hpp"

#ifdef ATOMIX_SIMULATION

#include <utility>

namespace atomix {
namespace {
thread_local fault_point_listener* present_listener = nullptr;
}  // namespace

fault_point_listener* listen_to_fault_points(fault_point_listener* listener) {
  return std::exchange(present_listener, listener);
}

void fault_point(std::string_view point) {
  if (present_listener != nullptr) present_listener->reached(point);
}

}  // namespace atomix

#endif
