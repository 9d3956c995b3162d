// SPDX-License-Identifier: Apache-2.0
/// \file What holds of the time that entries of the log bear: it stands still without a leader, and
/// goes with the clock of whoever leads.
#pragma once

#include "sim/findings.hpp"
#include "sim/objection.hpp"

#include "raft/core/core.hpp"
#include "raft/core/entry.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>

namespace atomix::sim {

/// Between two terms nobody leads, and time stands still: if it ran ahead, what lives for a time
/// would end too early. Requires: `e` comes right behind `before`.
[[nodiscard]] std::optional<objection> check_log_time(
    const raft::entry& before, const raft::entry& e);

/// What lives for a time, or is waited for, ends when that time has passed for the leader, whatever
/// held it up: not sooner, and later by ticks only.
class leaders_time {
 public:
  explicit leaders_time(findings& f) : findings_(f) {}

  void add_node(node_id id, std::string name) { nodes_[id].name = std::move(name); }
  /// What a node's own clock shows, in milliseconds.
  void know_clocks(std::function<std::uint64_t(node_id)> shown) { shown_ms_ = std::move(shown); }
  /// `now`: what the core shows after the step.
  void stepped(const raft::status& now, const raft::effects& out);

 private:
  struct node_facts {
    std::string name;
    term_t leads;  // none: does not
    // Of the first entry that it wrote in this term:
    log_time first;
    std::uint64_t shown_ms = 0;
  };

  void check(const node_facts& leader, const raft::entry& e, std::uint64_t shown_ms);

  findings& findings_;
  std::map<node_id, node_facts> nodes_;
  std::function<std::uint64_t(node_id)> shown_ms_;  // null: nobody asks
};

}  // namespace atomix::sim
