// SPDX-License-Identifier: Apache-2.0
/// \file Asks the checker of histories about the calls of a record, exactly as `atomix check` will
/// when it reads the history that is written of them.
#pragma once

#include "sim/checker/search.hpp"
#include "sim/report/record.hpp"

#include <cstddef>
#include <string>

namespace atomix::sim {

struct checked_calls {
  checker::verdict answer = checker::verdict::valid;
  std::size_t objects = 0;
  std::size_t calls = 0;  ///< that some model knows
  /// "linearizable, 304 calls of 6 objects".
  [[nodiscard]] std::string to_string() const;
};

/// Marks the call of each object that cannot be explained, with the checker's sentence.
[[nodiscard]] checked_calls check_calls(run_record& record, const checker::search_limits& limits);

}  // namespace atomix::sim
