// SPDX-License-Identifier: Apache-2.0
/// \file Reads histories from text, in the formats that Jepsen's tools write.
#pragma once

#include "sim/checker/history.hpp"

#include <absl/status/statusor.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace atomix::checker {

enum class history_format : std::uint8_t {
  detect,
  edn,          ///< maps with :process, :type, :f, :value: in a vector, or one after another
  json,         ///< the same with names for keywords: {"process": 0, "type": "invoke", ...}
  console_log,  ///< lines of a log that contain `4  :invoke  :write  3`
};

struct read_options {
  history_format format = history_format::detect;
  /// Values are pairs of a key and a value, of which the first tells the object.
  bool independent = false;
  std::optional<nil_result> nil;  ///< overrides what the format implies
};

/// `source` names the text in messages. In EDN the result nil of a read is unobserved and failed
/// operations say nothing; in a console log nil is the initial value and a failed compare-and-set
/// saw another value, unless a reason for the failure is given.
/// Errors: invalid_argument with source, line, cause and remedy.
[[nodiscard]] absl::StatusOr<history> read_history(
    std::string_view text, const std::string& source, const read_options& options = {});

}  // namespace atomix::checker
