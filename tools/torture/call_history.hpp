// SPDX-License-Identifier: Apache-2.0
/// \file What clients asked and heard, in Jepsen's words: a text of EDN for each resource that the
/// checker has a model for.
#pragma once

#include "sim/history.hpp"

#include <string>
#include <vector>

namespace atomix::tools {

struct resource_history {
  std::string name;   ///< "counter", "registers", "map", "lock"
  std::string model;  ///< of the checker
  std::string init;   ///< what it holds at first, as EDN; empty: as the model says
  std::string text;   ///< one map a line, in the order of real time
};

/// Calls that promise less than linearizability are left out. So are elections: who runs for one
/// does other things meanwhile, which no model of the checker allows; the witness judges them.
[[nodiscard]] std::vector<resource_history> histories_of(const sim::history& book);

}  // namespace atomix::tools
