// SPDX-License-Identifier: Apache-2.0
/// \file Where two plays of one scenario part, if they do: determinism is a contract, and the first
/// event that breaks it names the culprit.
#pragma once

#include "sim/run.hpp"
#include "sim/scenario.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace atomix::sim {

struct divergence {
  std::uint64_t checkpoint = 0;  ///< the first one that differs; see `world::checkpoint_every`
  std::uint64_t line = 0;        ///< of the trace, from 1; 0: only what the trace does not show
  std::string first;             ///< the line there in one play
  std::string second;            ///< and in the other
};

/// Plays `what` once more and compares with `once`, which must have been played with checkpoints.
[[nodiscard]] std::optional<divergence> find_divergence(
    const scenario& what, const run_options& options, const run_report& once);

}  // namespace atomix::sim
