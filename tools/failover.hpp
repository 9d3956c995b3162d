// SPDX-License-Identifier: Apache-2.0
/// \file How long nobody can write when the leader is gone.
#pragma once

#include <absl/status/statusor.h>

#include <chrono>
#include <cstddef>
#include <vector>

#include "tools/local_cluster.hpp"

namespace atomix::tools {

/// For each trial: signals the leader (SIGKILL or SIGSTOP), and measures from the signal to the
/// first acknowledged write that was issued after it. Then the member comes back, and all get in
/// sync. Returns the durations in the order of the trials.
[[nodiscard]] absl::StatusOr<std::vector<std::chrono::microseconds>> measure_failover(
    local_cluster& cluster, int signal, std::size_t trials);

}  // namespace atomix::tools
