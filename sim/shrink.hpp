// SPDX-License-Identifier: Apache-2.0
/// \file Makes a failing scenario small: fewer faults, calls, clients and replicas, shorter, on a
/// calmer network; and it still breaks the same promise.
#pragma once

#include "sim/findings.hpp"
#include "sim/run.hpp"
#include "sim/scenario.hpp"

#include <cstddef>
#include <functional>

namespace atomix::sim {

struct shrink_limits {
  std::size_t tries_max = 4'000;
  std::function<bool()> out_of_time;  ///< asked before each try, if set
  /// Told of each scenario that fails, if set. One in a row may be larger than the one before: what
  /// is made small then is a part of the whole.
  std::function<void(const scenario& failing, std::size_t tries)> progress;
};

struct shrunk {
  scenario smallest;
  violation found;  ///< by `smallest`
  std::size_t tries = 0;
};

/// Delta debugging (Zeller, Hildebrandt, TSE 2002) over the lists, halving over the numbers, until
/// nothing gets smaller any more; then over parts of it, until one ends with so little that
/// somebody sees at once what happens; and at last with some other noise. Requires: playing
/// `failing` finds `found`. Ensures: playing the result finds a violation of the same property, an
/// invariant at the same place.
[[nodiscard]] shrunk shrink(
    const scenario& failing,
    const violation& found,
    const run_options& options,
    const shrink_limits& limits);

}  // namespace atomix::sim
