// SPDX-License-Identifier: Apache-2.0
#include "raft/core/quorum.hpp"

#include <absl/container/inlined_vector.h>

#include <algorithm>
#include <functional>

namespace atomix::raft {
namespace {

index_t majority_index(const std::set<node_id>& nodes, absl::FunctionRef<index_t(node_id)> match) {
  if (nodes.empty()) return index_t{};
  absl::InlinedVector<index_t, 9> held;
  for (const node_id node : nodes)
    held.push_back(match(node));
  std::sort(held.begin(), held.end(), std::greater<>());
  return held[held.size() / 2];
}

bool has_majority(const std::set<node_id>& nodes, absl::FunctionRef<bool(node_id)> holds) {
  std::size_t missing = nodes.size() / 2 + 1;
  return std::any_of(
      nodes.begin(), nodes.end(), [&](node_id node) { return holds(node) && --missing == 0; });
}

poll tally_half(const std::set<node_id>& nodes, const std::map<node_id, bool>& ballots) {
  std::size_t granted = 0;
  std::size_t refused = 0;
  for (const auto& [node, yes] : ballots) {
    if (nodes.contains(node)) ++(yes ? granted : refused);
  }
  const std::size_t needed = nodes.size() / 2 + 1;
  if (granted >= needed) return poll::won;
  return nodes.size() - refused < needed ? poll::lost : poll::open;
}

}  // namespace

bool is_voter(const configuration& c, node_id node) {
  return c.voters.contains(node) || c.outgoing.contains(node);
}

index_t quorum_index(const configuration& c, absl::FunctionRef<index_t(node_id)> match) {
  const index_t incoming = majority_index(c.voters, match);
  return c.outgoing.empty() ? incoming : std::min(incoming, majority_index(c.outgoing, match));
}

bool has_quorum(const configuration& c, absl::FunctionRef<bool(node_id)> holds) {
  return has_majority(c.voters, holds) && (c.outgoing.empty() || has_majority(c.outgoing, holds));
}

poll tally(const configuration& c, const std::map<node_id, bool>& ballots) {
  const poll incoming = tally_half(c.voters, ballots);
  const poll outgoing = c.outgoing.empty() ? incoming : tally_half(c.outgoing, ballots);
  if (incoming == poll::lost || outgoing == poll::lost) return poll::lost;
  return incoming == poll::won && outgoing == poll::won ? poll::won : poll::open;
}

}  // namespace atomix::raft
