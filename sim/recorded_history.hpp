// SPDX-License-Identifier: Apache-2.0
/// \file The calls of a record as the checker takes them.
#pragma once

#include "sim/checker/history.hpp"
#include "sim/report/record.hpp"

#include <cstddef>
#include <vector>

namespace atomix::sim {

struct recorded_history {
  checker::history history;
  std::vector<std::size_t> calls;  ///< position in `run_record::calls` of each operation
};

/// What `checker::read_history` makes of the text of `write_history`, without the detour.
[[nodiscard]] recorded_history history_of(const run_record& record);

}  // namespace atomix::sim
