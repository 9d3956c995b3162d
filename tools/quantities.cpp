// SPDX-License-Identifier: Apache-2.0
#include "tools/quantities.hpp"

#include <absl/strings/ascii.h>
#include <absl/strings/numbers.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/str_split.h>

#include <array>
#include <cmath>

namespace atomix::tools {
namespace {

struct unit {
  const char* name;
  double factor;
};

// 36,500 days in milliseconds, or a few exbibytes: nobody means more.
constexpr double largest = 3.2e18;

absl::StatusOr<double> parse(
    std::string_view text, absl::Span<const unit> units, absl::string_view expected) {
  const std::size_t digits = text.find_first_not_of("0123456789.");
  const std::string number{text.substr(0, digits)};
  const std::string suffix{
      digits == std::string_view::npos ? std::string_view{} : text.substr(digits)};
  double value = 0;
  if (absl::SimpleAtod(number, &value)) {
    for (const unit& u : units)
      if (suffix == u.name && value * u.factor < largest) return value * u.factor;
    if (suffix.empty() && value == 0) return 0;
  }
  return absl::InvalidArgumentError(
      absl::StrCat("'", std::string(text), "' is not ", expected, "."));
}

}  // namespace

absl::StatusOr<std::chrono::milliseconds> parse_duration(std::string_view text) {
  static constexpr std::array<unit, 4> units{
      {{"ms", 1}, {"s", 1000}, {"m", 60'000}, {"h", 3'600'000}}};
  const absl::StatusOr<double> ms =
      parse(text, units, "a duration: a number with ms, s, m or h, for example 250ms");
  if (!ms.ok()) return ms.status();
  return std::chrono::milliseconds{std::llround(*ms)};
}

absl::StatusOr<std::uint64_t> parse_size(std::string_view text) {
  static constexpr std::array<unit, 8> units{
      {{"", 1},
       {"B", 1},
       {"KiB", 1024.0},
       {"MiB", 1048576.0},
       {"GiB", 1073741824.0},
       {"kB", 1e3},
       {"MB", 1e6},
       {"GB", 1e9}}};
  const absl::StatusOr<double> bytes = parse(
      text, units, "a size: a number of bytes, or one with KiB, MiB or GiB, for example 64MiB");
  if (!bytes.ok()) return bytes.status();
  return static_cast<std::uint64_t>(std::llround(*bytes));
}

std::string to_text(std::chrono::milliseconds duration) {
  const auto ms = duration.count();
  if (ms == 0 || ms % 1000 != 0) return absl::StrCat(ms, "ms");
  if (ms % 3'600'000 == 0) return absl::StrCat(ms / 3'600'000, "h");
  if (ms % 60'000 == 0) return absl::StrCat(ms / 60'000, "m");
  return absl::StrCat(ms / 1000, "s");
}

std::string size_text(std::uint64_t bytes) {
  static constexpr std::array<const char*, 4> names{"B", "KiB", "MiB", "GiB"};
  std::size_t power = 0;
  while (power + 1 < names.size() && bytes != 0 && bytes % 1024 == 0) {
    bytes /= 1024;
    ++power;
  }
  return absl::StrCat(bytes, names.at(power));
}

std::vector<std::string> split_list(std::string_view text) {
  std::vector<std::string> parts;
  for (const absl::string_view part :
       absl::StrSplit(absl::string_view(text.data(), text.size()), ',')) {
    const absl::string_view bare = absl::StripAsciiWhitespace(part);
    if (!bare.empty()) parts.emplace_back(bare);
  }
  return parts;
}

}  // namespace atomix::tools
