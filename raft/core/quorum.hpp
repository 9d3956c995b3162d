// SPDX-License-Identifier: Apache-2.0
/// \file Arithmetic of majorities, nothing else. In a joint configuration whatever is decided needs
/// a majority of both halves (thesis 4.3).
#pragma once

#include "raft/core/entry.hpp"

#include <absl/functional/function_ref.h>

#include <cstdint>
#include <map>

namespace atomix::raft {

enum class poll : std::uint8_t { open, won, lost };

/// Whether `node` has a vote in `c`.
[[nodiscard]] bool is_voter(const configuration& c, node_id node);

/// The largest index that a quorum holds, given what each voter holds. None without voters.
[[nodiscard]] index_t quorum_index(
    const configuration& c, absl::FunctionRef<index_t(node_id)> match);

/// Whether the voters that satisfy `holds` are a quorum. Never without voters.
[[nodiscard]] bool has_quorum(const configuration& c, absl::FunctionRef<bool(node_id)> holds);

/// The state of an election. Ballots of nodes without a vote do not count.
[[nodiscard]] poll tally(const configuration& c, const std::map<node_id, bool>& ballots);

}  // namespace atomix::raft
