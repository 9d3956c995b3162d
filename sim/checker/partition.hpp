// SPDX-License-Identifier: Apache-2.0
/// \file Cuts a history into parts that do not influence each other.
#pragma once

#include "sim/checker/model.hpp"

#include <absl/status/statusor.h>

#include <vector>

namespace atomix::checker {

/// A history is linearizable if and only if each part is (Herlihy and Wing 1990 for objects, Horn
/// and Kroening 2015 for parts of one). Leaves out what says nothing: failed operations, and
/// observations whose result is unknown.
/// Errors: invalid_argument if the model does not know an operation.
[[nodiscard]] absl::StatusOr<std::vector<part>> partition(const history& h, const model& m);

}  // namespace atomix::checker
