// SPDX-License-Identifier: Apache-2.0
/// \file How large what a machine sends may be.
#pragma once

#include <absl/status/status.h>
#include <absl/strings/str_cat.h>

#include <cstddef>

namespace atomix::resources {

/// The largest answer or event, in bytes. A larger one would burden everybody behind it: those who
/// list much do it in parts.
inline constexpr std::size_t answer_bytes_max = 32U << 20U;

/// What whoever asked for more than that is told.
[[nodiscard]] inline absl::Status answer_too_large() {
  return absl::ResourceExhaustedError(absl::StrCat(
      "the answer has more than the limit of ", answer_bytes_max, " bytes: ask for it in parts"));
}

}  // namespace atomix::resources
