// SPDX-License-Identifier: Apache-2.0
/// \file What nodes have promised to each other: votes, and entries that they hold. A promise
/// counts once it has arrived: one that a crash cut off before was never given. Whoever has given
/// one must know of it for ever after, whatever it went through: in memory, after each start, on
/// its media.
#pragma once

#include "sim/findings.hpp"

#include "raft/base/ids.hpp"
#include "raft/core/core.hpp"

#include <absl/functional/function_ref.h>

#include <map>
#include <string>
#include <utility>

namespace atomix::sim {

/// The newest ones of one node; they cover those before.
struct promised {
  term_t vote_term;  ///< of the last vote that arrived; none: it never voted
  node_id vote;
  term_t ack_term;       ///< of the leader that was told
  raft::entry_id acked;  ///< it holds the leader's log up to here

  using holds = absl::FunctionRef<bool(const raft::entry_id&)>;
  /// What of it is forgotten by a node that knows this state and holds these entries, in one
  /// sentence; empty: nothing. Entries may be replaced in a later term, by a leader that was heard.
  [[nodiscard]] std::string forgotten_by(const raft::hard_state& state, holds held) const;
};

class promises {
 public:
  explicit promises(findings& f) : findings_(f) {}

  void add_node(node_id id, std::string name) { nodes_[id].name = std::move(name); }
  /// It will say anew what it knows.
  void restarted(node_id id) { nodes_[id].fresh = true; }
  /// What it knows after a step. After its start, that must be all that it has promised.
  void stepped(const raft::core& after, const raft::status& now);

  /// A vote has arrived at the candidate.
  void voted(node_id voter, node_id candidate, term_t term);
  /// A leader of `term` has heard that `follower` holds `last`, an entry of its log.
  void acknowledged(node_id follower, term_t term, const raft::entry_id& last);

  [[nodiscard]] const promised& of(node_id id) const { return nodes_.at(id).given; }

 private:
  struct node {
    std::string name;
    bool fresh = true;  // it has not said yet what it knows, or is down
    raft::hard_state state;
    promised given;
  };

  findings& findings_;
  std::map<node_id, node> nodes_;
};

}  // namespace atomix::sim
