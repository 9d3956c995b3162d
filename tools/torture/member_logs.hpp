// SPDX-License-Identifier: Apache-2.0
/// \file What the members of a cluster have on their disks when it is over.
#pragma once

#include "sim/witness.hpp"

#include "raft/core/entry.hpp"

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include <cstdint>
#include <string>
#include <vector>

namespace atomix::tools {

/// The log in a data directory that nobody uses, read by the code that recovers it.
[[nodiscard]] absl::StatusOr<std::vector<raft::entry>> read_log(
    const std::string& directory, const std::string& member);

/// The first `committed` entries, which all logs must agree on.
/// Errors: data_loss – they do not, with the place; failed_precondition – they do not begin at 1.
[[nodiscard]] absl::StatusOr<std::vector<sim::committed_entry>> committed_part(
    const std::vector<std::vector<raft::entry>>& logs, std::uint64_t committed);

}  // namespace atomix::tools
