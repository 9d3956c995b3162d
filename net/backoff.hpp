// SPDX-License-Identifier: Apache-2.0
/// \file How long to wait before the next try to connect. Pure; owned by whoever dials.
#pragma once

#include "raft/base/prng.hpp"

#include <algorithm>
#include <cstdint>

namespace atomix::net {

/// Delays that double from try to try, shortened at random by up to a half so that many who lost
/// the same server do not come back at the same moment.
class backoff {
 public:
  /// Requires: 0 < first_ms <= longest_ms.
  explicit constexpr backoff(
      std::uint64_t seed, std::uint64_t first_ms = 20, std::uint64_t longest_ms = 1000)
      : random_(seed), first_ms_(first_ms), longest_ms_(longest_ms), ceiling_ms_(first_ms) {}

  /// The pause before the next try: in [ceiling / 2, ceiling]; the ceiling doubles each time.
  constexpr std::uint64_t next_ms() {
    const std::uint64_t ceiling = ceiling_ms_;
    ceiling_ms_ = std::min(ceiling * 2, longest_ms_);
    return random_.between(ceiling / 2, ceiling);
  }
  /// A connection stood and was of use: the next pause is short again.
  constexpr void reset() { ceiling_ms_ = first_ms_; }

 private:
  prng random_;
  std::uint64_t first_ms_;
  std::uint64_t longest_ms_;
  std::uint64_t ceiling_ms_;
};

}  // namespace atomix::net
