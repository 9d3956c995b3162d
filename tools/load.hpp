// SPDX-License-Identifier: Apache-2.0
/// \file A closed loop of map operations: a fixed number is outstanding, each completion starts the
/// next. Latencies are those that the caller sees.
#pragma once

#include "actors/client.hpp"

#include <absl/status/statusor.h>
#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "tools/histogram.hpp"

namespace atomix::tools {

enum class load_kind : std::uint8_t {
  write,
  read,   ///< linearizable
  mixed,  ///< half of each
};

struct load_options {
  load_kind kind = load_kind::write;
  std::size_t clients = 8;       ///< sessions
  std::size_t outstanding = 64;  ///< over all sessions
  std::size_t value_bytes = 256;
  std::uint64_t keys = 10'000;
  std::chrono::milliseconds time{10'000};
  std::chrono::milliseconds warmup{1000};
  std::vector<pid_t> pids;  ///< the servers, for their CPU time
};

struct load_result {
  histogram latencies;  ///< of successes, in nanoseconds
  std::uint64_t errors = 0;
  double seconds = 0;
  double server_cpu_seconds = 0;
};

/// Runs the load over the given sessions (one client each).
[[nodiscard]] absl::StatusOr<load_result> run_load(
    const std::vector<client>& clients, const load_options& options);

/// CPU time used so far by these processes of this machine.
[[nodiscard]] double cpu_seconds(const std::vector<pid_t>& pids);

}  // namespace atomix::tools
