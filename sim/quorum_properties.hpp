// SPDX-License-Identifier: Apache-2.0
/// \file What rests on majorities, across all nodes: leaders are elected by one, do not lead for
/// long without one (thesis 6.2), commit only what no election that might follow could lose
/// (3.6.2), and let reads see all that was committed when they came, which a majority must have
/// confirmed since (6.4), and cannot be deposed by somebody who only hears badly (4.2.3, 9.6). And
/// what keeps a majority at work: peers are lost only if they are, who is behind is caught up with
/// by terms (3.5), and terms go by no faster than somebody can be elected (3.4). Every node is a
/// voter.
#pragma once

#include "sim/findings.hpp"

#include "raft/base/ids.hpp"
#include "raft/core/core.hpp"

#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace atomix::sim {

class quorum_properties {
 public:
  explicit quorum_properties(findings& f) : findings_(f) {}

  void add_node(node_id id, std::string name) { nodes_[id].name = std::move(name); }
  /// For about so many of its ticks a leader goes on without a majority, and a follower takes
  /// a leader that it does not hear for alive.
  void know_election_ticks(unsigned ticks) { election_ticks_ = ticks; }
  /// A time that goes on while a node is not stopped: what it has not heard in its sleep it may
  /// not hold against others.
  void know_time_awake(std::function<sim_time(node_id)> awake) { awake_ = std::move(awake); }
  /// Whether two nodes are connected, each with the other, and have been for a moment.
  void know_links(std::function<bool(node_id, node_id)> linked) { linked_ = std::move(linked); }
  void restarted(node_id id);

  /// `now`: what `after` shows. `committed`: up to where anybody has committed before this step.
  void stepped(
      const raft::core& after,
      const raft::status& now,
      const raft::input& in,
      const raft::effects& out,
      index_t committed);
  /// `leader` is the first to commit up to `last`.
  void committed(node_id leader, const raft::entry_id& last);

 private:
  struct asked_read {
    index_t committed;           // when it came
    std::uint64_t rounds_begun;  // before it came: they confirm nothing about it
  };
  /// How a leader looks for the place where a log matches its own.
  struct way_back {
    std::size_t steps = 0;
    index_t at;  // the lowest that was refused
  };
  struct node_facts {
    std::string name;
    bool fresh = true;  // `log` is that of its last life
    bool leads = false;
    term_t term;
    std::vector<term_t> log;      // terms of its entries, by index - 1; as in memory, if it is down
    std::set<node_id> ballots;    // that came for the present term
    std::set<node_id> pre_votes;  // that came for the next one
    node_id follows;
    std::uint64_t quiet = 0;             // ticks since it heard of whom it follows
    sim_time heard_at = 0;               // awake, when it did
    std::optional<std::uint64_t> voted;  // for another, so many ticks ago, and follows since
    // Of a leader:
    std::map<std::uint64_t, asked_read> reads;   // that are not granted yet
    std::uint64_t round = 0;                     // the last one it began
    std::map<node_id, std::uint64_t> confirmed;  // the last one that each has confirmed
    std::map<node_id, std::uint64_t> silence;    // ticks since it heard of each
    std::map<node_id, sim_time> heard;           // awake, when it did
    std::map<node_id, way_back> refused;         // by those whose logs are not found to match yet
    [[nodiscard]] raft::entry_id last() const {
      return {log.empty() ? term_t{} : log.back(), index_t{log.size()}};
    }
  };

  void follow_log(node_facts& node, const raft::core& after, const raft::effects& out);
  void hear(node_id self, node_facts& node, const raft::received& in);
  [[nodiscard]] bool sticks_to_leader(
      const node_facts& node, node_id asking, const raft::vote_request& asked) const;
  void check_ballot(const raft::status& now, const raft::received& in, const raft::effects& out);
  void check_lost(const node_facts& node, const raft::status& now, const raft::input& in);
  void check_forgotten(const node_facts& node, const raft::status& now, const raft::input& in);
  [[nodiscard]] bool has_just_heard(node_id self, sim_time then) const;
  void check_stepped_down(const node_facts& node, const raft::status& now, const raft::input& in);
  void follow_leader(node_facts& node, const raft::status& now, const raft::input& in);
  void check_way_back(node_facts& leader, const raft::received& in);
  void check_hint(const node_facts& node, const raft::received& in, const raft::effects& out);
  void check_campaign(node_facts& node, const raft::status& now, const raft::input& in);
  void check_term(const node_facts& node, const raft::status& now);
  void check_patience(
      node_facts& node, const raft::status& now, const raft::input& in, const raft::effects& out);
  void check_elected(const node_facts& leader);
  void check_reads(
      node_facts& node, const raft::input& in, const raft::effects& out, index_t committed);
  void check_read(const node_facts& node, const asked_read& asked, index_t granted);
  void check_majority(node_facts& leader, std::uint64_t ticks);
  [[nodiscard]] bool could_win(const node_facts& candidate) const;
  [[nodiscard]] bool is_majority(std::size_t count) const { return count > nodes_.size() / 2; }
  void add(std::string property, std::string sentence, const node_facts& node) {
    findings_.add(std::move(property), std::move(sentence), node.name);
  }

  findings& findings_;
  std::map<node_id, node_facts> nodes_;
  std::set<term_t> campaigns_;                    // the terms in which somebody asked for votes
  unsigned election_ticks_ = 0;                   // 0: nobody asks
  std::function<sim_time(node_id)> awake_;        // null: nobody asks
  std::function<bool(node_id, node_id)> linked_;  // null: nobody asks
};

}  // namespace atomix::sim
