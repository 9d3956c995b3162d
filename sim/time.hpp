// SPDX-License-Identifier: Apache-2.0
/// \file Virtual time: nanoseconds since the simulated world began.
#pragma once

#include <cstdint>
#include <string>

namespace atomix::sim {

using sim_time = std::uint64_t;      ///< a moment, in nanoseconds since the world began
using sim_duration = std::uint64_t;  ///< in nanoseconds

inline constexpr sim_duration microsecond = 1'000;
inline constexpr sim_duration millisecond = 1'000 * microsecond;
inline constexpr sim_duration second = 1'000 * millisecond;

/// "12.345678s".
[[nodiscard]] std::string show_time(sim_time at);

}  // namespace atomix::sim
