// SPDX-License-Identifier: Apache-2.0
/// \file What holds of the time that entries of the log bear.
#pragma once

#include "sim/objection.hpp"

#include "raft/core/entry.hpp"

#include <optional>

namespace atomix::sim {

/// Between two terms nobody leads, and time stands still: if it ran ahead, what lives for a time
/// would end too early. Requires: `e` comes right behind `before`.
[[nodiscard]] std::optional<objection> check_log_time(
    const raft::entry& before, const raft::entry& e);

}  // namespace atomix::sim
