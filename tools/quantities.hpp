// SPDX-License-Identifier: Apache-2.0
/// \file Durations and sizes as people write them: `250ms`, `10s`, `64MiB`. Also lists, split at
/// commas.
#pragma once

#include <absl/status/statusor.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace atomix::tools {

/// A whole or decimal number with one of the units ms, s, m, h; "0" needs none.
/// Errors: invalid_argument, with what is expected.
[[nodiscard]] absl::StatusOr<std::chrono::milliseconds> parse_duration(std::string_view text);
/// A number of bytes, with or without B, KiB, MiB, GiB or kB, MB, GB.
[[nodiscard]] absl::StatusOr<std::uint64_t> parse_size(std::string_view text);

/// The shortest text that `parse_duration` reads back.
[[nodiscard]] std::string to_text(std::chrono::milliseconds duration);
/// The shortest text that `parse_size` reads back.
[[nodiscard]] std::string size_text(std::uint64_t bytes);

/// The parts between commas, without empty ones.
[[nodiscard]] std::vector<std::string> split_list(std::string_view text);

}  // namespace atomix::tools
