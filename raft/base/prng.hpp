// SPDX-License-Identifier: Apache-2.0
/// \file The project's only random generator: the same numbers from a seed on every platform.
#pragma once

#include <cstdint>

namespace atomix {

/// SplitMix64 (Steele, Lea, Flood, OOPSLA 2014). Not for secrets. Standard distributions may differ
/// between libraries, and then a seed would mean nothing: hence `below`.
class prng {
 public:
  explicit constexpr prng(std::uint64_t seed) : state_(seed) {}

  constexpr std::uint64_t next() {
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15ULL);
    z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27U)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31U);
  }
  /// A number in [0, bound). Requires: bound > 0. Bias is below bound / 2^64.
  constexpr std::uint64_t below(std::uint64_t bound) {
    __extension__ using wide = unsigned __int128;
    return static_cast<std::uint64_t>((static_cast<wide>(next()) * bound) >> 64U);
  }
  /// A number in [low, high]. Requires: low <= high.
  constexpr std::uint64_t between(std::uint64_t low, std::uint64_t high) {
    return low + below(high - low + 1);
  }
  /// True in `numerator` of `denominator` cases.
  constexpr bool chance(std::uint64_t numerator, std::uint64_t denominator) {
    return below(denominator) < numerator;
  }
  /// An independent generator: what one consumer draws does not shift what another sees.
  constexpr prng fork() { return prng{next()}; }

 private:
  std::uint64_t state_;
};

}  // namespace atomix
