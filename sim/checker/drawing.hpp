// SPDX-License-Identifier: Apache-2.0
/// \file A picture in text of the operation that cannot be explained and of those around it.
#pragma once

#include "sim/checker/check.hpp"

#include <string>

namespace atomix::checker {

/// One line per operation, each a bar from its call to its return; `>` at the end: never returned.
/// Empty unless `part` is invalid and names an operation.
[[nodiscard]] std::string draw(const history& h, const part_report& part);

}  // namespace atomix::checker
