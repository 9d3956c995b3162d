// SPDX-License-Identifier: Apache-2.0
/// \file What CAF's own log costs where nobody reads it.
#pragma once

#include <caf/logger.hpp>

namespace atomix::actors {

/// For schedulers, before they run actors. Spawning makes the system's logger that of the present
/// thread, and from then on each step of an actor notes there, under a lock, who runs: 4 % of what
/// a simulated cluster does. Nothing here logs through CAF.
inline void forget_caf_logger() {
  if (caf::logger::current_logger() != nullptr) caf::logger::set_current_actor_system(nullptr);
}

}  // namespace atomix::actors
