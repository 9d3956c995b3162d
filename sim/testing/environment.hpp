// SPDX-License-Identifier: Apache-2.0
/// \file The variables by which whoever starts a test program chooses what `check` runs.
#pragma once

#include <absl/status/statusor.h>

#include <cstdint>
#include <optional>
#include <string>

namespace atomix::testing {

struct environment {
  std::optional<std::uint64_t> seed;  ///< ATOMIX_SEED
  std::optional<std::uint64_t> runs;  ///< ATOMIX_RUNS
  std::optional<std::string> repro;   ///< what is in the file that ATOMIX_REPLAY names
  std::string trace;                  ///< ATOMIX_TRACE: a file to write
  std::string report;                 ///< ATOMIX_REPORT: a directory for what to look at
};

/// Errors: invalid_argument, with the variable and what it should be.
[[nodiscard]] absl::StatusOr<environment> read_environment();

}  // namespace atomix::testing
