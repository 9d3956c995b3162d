// SPDX-License-Identifier: Apache-2.0
/// \file Strong integers: numbers that mean different things get different types.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <ostream>

namespace atomix {

/// A 64-bit number that only compares with its own kind. Zero is "none".
template <class Tag>
class strong {
 public:
  constexpr strong() = default;
  explicit constexpr strong(std::uint64_t value) : value_(value) {}

  [[nodiscard]] constexpr std::uint64_t value() const { return value_; }
  [[nodiscard]] constexpr bool is_none() const { return value_ == 0; }
  [[nodiscard]] constexpr strong next() const { return strong{value_ + 1}; }
  /// Requires: not none.
  [[nodiscard]] constexpr strong previous() const { return strong{value_ - 1}; }

  friend constexpr auto operator<=>(const strong&, const strong&) = default;
  friend std::ostream& operator<<(std::ostream& out, strong s) { return out << s.value_; }

 private:
  std::uint64_t value_ = 0;
};

}  // namespace atomix

template <class Tag>
struct std::hash<atomix::strong<Tag>> {
  std::size_t operator()(atomix::strong<Tag> s) const noexcept {
    return std::hash<std::uint64_t>{}(s.value());
  }
};
