// SPDX-License-Identifier: Apache-2.0
/// \file The smallest checker that can be right, to compare the real one with: tries all orders.
#pragma once

#include "sim/checker/history.hpp"
#include "sim/checker/model.hpp"

namespace atomix::checker {

/// Requires: a few operations only.
[[nodiscard]] bool linearizable_by_brute_force(const history& h, model& m);

}  // namespace atomix::checker
