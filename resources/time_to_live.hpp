// SPDX-License-Identifier: Apache-2.0
/// \file How long what is written lives: values and entries of maps.
#pragma once

#include <absl/status/status.h>

#include <chrono>

namespace atomix {

/// How long what is written lives in log time; zero: for ever. It ends at most an election timeout
/// and a tick late, never early.
using time_to_live = std::chrono::milliseconds;

namespace resources {

/// What a write is refused with.
[[nodiscard]] inline absl::Status negative_ttl() {
  return absl::InvalidArgumentError("A time to live must not be negative; zero means for ever.");
}

}  // namespace resources
}  // namespace atomix
