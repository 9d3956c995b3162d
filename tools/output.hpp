// SPDX-License-Identifier: Apache-2.0
/// \file What commands print: for people (columns) or for programs (JSON).
#pragma once

#include <absl/status/status.h>

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace atomix::tools {

enum class output_format : std::uint8_t { table, json };

/// Exit codes that all commands share; others are documented where they are.
enum exit_code : int { exit_ok = 0, exit_failed = 1, exit_usage = 2, exit_lock_lost = 75 };

/// One named datum; the first alternative is "there is none" (null).
struct field {
  using datum =
      std::variant<std::monostate, bool, std::int64_t, std::uint64_t, double, std::string>;
  std::string key;
  datum value;
};
using record = std::vector<field>;

/// The datum as people read it; "-" if there is none.
[[nodiscard]] std::string to_text(const field::datum& value);

/// One line: the data separated by two spaces, or a JSON object. Flushed, thread-safe.
void print_record(output_format format, const record& line);
/// Records with equal keys: aligned columns under a header, or a JSON array.
/// Requires: equal keys in all `lines`; `keys` names them (needed if there are no lines).
void print_table(
    output_format format, const std::vector<std::string>& keys, const std::vector<record>& lines);

/// Says on standard error what went wrong; returns `exit_failed`.
int fail(const absl::Status& why);
int fail(const std::string& sentence);
/// A remark on standard error.
void say(const std::string& sentence);

}  // namespace atomix::tools
