// SPDX-License-Identifier: Apache-2.0
/// \file What a query may return, and what a failed call says about its effect.
#pragma once

#include <absl/status/status.h>

#include <cstdint>
#include <string>

namespace atomix {

/// How fresh the answer of a query is.
enum class consistency : std::uint8_t {
  atomic,      ///< linearizable: at least as new as everything completed before the call
  sequential,  ///< never older than what this session has seen
  local,       ///< whatever the asked node has applied
};

/// What a caller may conclude from a call.
enum class certainty : std::uint8_t {
  done,      ///< it took effect
  not_done,  ///< it did not and never will
  unknown,   ///< timed out, or the session ended in flight: it may yet take effect
};

/// Every status this library returns has an answer: ok is `done`; a status made by
/// `unknown_outcome` is `unknown`; everything else was refused before it took effect.
[[nodiscard]] certainty certainty_of(const absl::Status& status);

/// Marks `status` (not ok) as one of which nobody knows whether the call took effect.
[[nodiscard]] absl::Status unknown_outcome(absl::Status status);

}  // namespace atomix
