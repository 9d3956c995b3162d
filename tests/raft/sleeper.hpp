// SPDX-License-Identifier: Apache-2.0
/// \file A core as a host steps it that sleeps through quiet ticks and counts them together later.
#pragma once

#include "raft/core/core.hpp"

#include <cstdint>
#include <utility>
#include <variant>

namespace atomix::raft {

class sleeper {
 public:
  sleeper(const options& o, recovered_state recovered) : core_(o, std::move(recovered)) {}

  effects step(const input& in) {
    if (const auto* passed = std::get_if<tick>(&in)) {
      now_ms_ = passed->now_ms;
      return ++slept_ > core_.quiet_ticks() ? wake() : effects{};
    }
    effects out = slept_ > 0 ? wake() : effects{};
    merge(out, core_.step(in));
    return out;
  }

 private:
  effects wake() { return core_.step(tick{now_ms_, std::exchange(slept_, 0)}); }

  core core_;
  std::uint64_t now_ms_ = 0;
  std::uint64_t slept_ = 0;
};

}  // namespace atomix::raft
