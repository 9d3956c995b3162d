// SPDX-License-Identifier: Apache-2.0
/// \file The catalogue of bugs that the simulator has to find, each seen in the wild. Those that
/// can be planted stand as one condition where the bug would live (`raft/base/planted.hpp`).
#pragma once

#include "raft/base/planted.hpp"

#include <span>
#include <string_view>

namespace atomix::sim {

struct zoo_entry {
  std::string_view id;        ///< "M05"
  bug planted = bug::none;    ///< none: cannot be planted yet
  unsigned level = 1;         ///< 1 easy to 4 rare
  std::string_view name;      ///< "old-term-counted"
  std::string_view sentence;  ///< what is wrong
  std::string_view seen;      ///< where
  std::string_view pending;   ///< what must be built first; empty: can be planted
};

[[nodiscard]] std::span<const zoo_entry> bug_zoo();
/// By name or id; null if there is none.
[[nodiscard]] const zoo_entry* find_bug(std::string_view name);

}  // namespace atomix::sim
