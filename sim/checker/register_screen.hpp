// SPDX-License-Identifier: Apache-2.0
/// \file Proofs that a register cannot have behaved like this, in n log n.
#pragma once

#include "sim/checker/model.hpp"

#include <cstddef>
#include <optional>
#include <vector>

namespace atomix::checker {

/// What an operation says about a register: the value it saw, the value it set, or both.
struct register_access {
  std::size_t number = 0;       ///< of the operation
  const value* sees = nullptr;  ///< requires that it certainly happened
  const value* sets = nullptr;
};

struct register_view {
  const value* initial = nullptr;
  std::vector<register_access> accesses;  ///< by call
};

/// Values that nobody set, values from the future, values that were replaced before the read began.
/// Source: the zones of Gibbons and Korach (Testing shared memories, 1997), without their
/// requirement that each value is written once.
[[nodiscard]] std::optional<finding> screen_register(const history& h, const register_view& view);

}  // namespace atomix::checker
