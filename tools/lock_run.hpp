// SPDX-License-Identifier: Apache-2.0
/// \file Running a program while holding a lock, and never longer.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "tools/call.hpp"

namespace atomix::tools {

struct lock_run_arguments : call_arguments {
  std::optional<std::chrono::milliseconds> wait;  ///< absent: for ever
  std::vector<std::string> command;
};

/// Acquires the lock, runs the command with ATOMIX_FENCE in its environment, releases. If the lock
/// might be lost, the command's process group gets SIGTERM, then SIGKILL before anybody else can
/// hold the lock. Call it before the process has threads.
/// Returns the command's exit code; 128 + signal if one ended it; 75 if the lock was (nearly) lost;
/// 1 if the lock was not acquired.
[[nodiscard]] int lock_run(const lock_run_arguments& a);

/// Acquires the lock, prints its token and holds it until a line or the end of standard input, or a
/// signal. Same exit codes.
[[nodiscard]] int lock_hold(const lock_run_arguments& a);

}  // namespace atomix::tools
