// SPDX-License-Identifier: Apache-2.0
/// \file Numbers as they stand in log files: little endian on every machine.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>

namespace atomix::raft {

template <class Number>
[[nodiscard]] constexpr Number swap_bytes(Number value) {
  Number out = 0;
  for (unsigned i = 0; i < sizeof(Number); ++i) {
    const auto byte = static_cast<Number>((value >> (8U * i)) & 0xffU);
    out = static_cast<Number>(out | (byte << (8U * (sizeof(Number) - 1U - i))));
  }
  return out;
}

/// Requires: `sizeof(Number)` bytes at `at`.
template <class Number>
inline void put(char* at, Number value) {
  if constexpr (std::endian::native == std::endian::big) value = swap_bytes(value);
  std::memcpy(at, &value, sizeof value);
}

/// Requires: `sizeof(Number)` bytes at `at`.
template <class Number>
[[nodiscard]] inline Number get(const char* at) {
  Number value = 0;
  std::memcpy(&value, at, sizeof value);
  if constexpr (std::endian::native == std::endian::big) value = swap_bytes(value);
  return value;
}

}  // namespace atomix::raft
