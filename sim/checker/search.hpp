// SPDX-License-Identifier: Apache-2.0
/// \file Looks for an order of the operations of one part that its model accepts.
#pragma once

#include "sim/checker/model.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

namespace atomix::checker {

enum class verdict : std::uint8_t {
  valid,    ///< there is an order, and it was found
  invalid,  ///< there is none
  unknown,  ///< a limit was reached
};

struct search_limits {
  /// Of all parts together; each takes some 50 bytes.
  std::size_t configurations = 5'000'000;
  /// Asked every few thousand configurations; true ends the search. No clock is read here.
  std::function<bool()> stop;
};

struct search_outcome {
  verdict answer = verdict::unknown;
  /// Positions in the part, in the order found; if there is none, the longest beginning of one.
  std::vector<std::size_t> order;
  /// If there is no order: the first operation whose return nothing leads past.
  std::size_t stuck = 0;
  std::vector<value> states;  ///< states in which it was tried, some of them
  std::size_t configurations = 0;
};

/// Depth-first, just in time: walks calls and returns in their order and branches only where an
/// operation returns that is not in the order yet. Operations that only observe are put into the
/// order as soon as they fit.
///
/// Sources: Wing and Gong 1993 (the search), Lowe 2017 (configurations are remembered, just in
/// time). Ours: never-returned operations that are alike are counted, of two configurations that
/// differ only in these counts the smaller one suffices, and such operations happen as late as they
/// can.
[[nodiscard]] search_outcome search(model& m, const part& p, const search_limits& limits);

}  // namespace atomix::checker
