// SPDX-License-Identifier: Apache-2.0
/// \file A member as a process: its life from start to signal.
#pragma once

#include "actors/replica.hpp"

namespace atomix::tools {

/// Runs until SIGTERM or SIGINT (then stops in order; a second one ends the process at once) or
/// until the replica fails. Call it before the process has threads. Returns the exit code.
[[nodiscard]] int run_server(replica_options options);

}  // namespace atomix::tools
