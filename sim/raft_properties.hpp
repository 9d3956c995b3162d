// SPDX-License-Identifier: Apache-2.0
/// \file What no single node can see: the five properties of thesis figure 3.2 across all nodes,
/// plus "one vote per term", "nothing committed is forgotten" and equal machines at equal index.
/// Checked after every step of every core, in constant amortised time. Passes on what promises and
/// majorities are about.
#pragma once

#include "actors/world.hpp"
#include "sim/findings.hpp"
#include "sim/log_time.hpp"
#include "sim/media_audit.hpp"
#include "sim/needless_work.hpp"
#include "sim/promises.hpp"
#include "sim/quorum_properties.hpp"
#include "sim/witness.hpp"

#include "raft/base/ids.hpp"
#include "raft/core/core.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace atomix::sim {

/// Told of every step of every core, within it.
class step_watcher {
 public:
  step_watcher() = default;
  step_watcher(const step_watcher&) = delete;
  step_watcher& operator=(const step_watcher&) = delete;
  virtual ~step_watcher() = default;
  virtual void stepped(const raft::status& now, const raft::effects& out) = 0;
};

class raft_properties final : public actors::core_observer {
 public:
  explicit raft_properties(findings& f)
      : findings_(f), promises_(f), quorums_(f), needless_(f), times_(f) {}

  void add_node(node_id id, const std::string& name);
  /// Promises are also looked for on the media, now and then at the moment when they arrive.
  void audit_by(media_audit& audit) { audit_ = &audit; }
  /// Null: nobody.
  void watch_by(step_watcher* watcher) { watcher_ = watcher; }
  /// See `quorum_properties`.
  void know_election_ticks(unsigned ticks) { quorums_.know_election_ticks(ticks); }
  void know_time_awake(std::function<sim_time(node_id)> awake) {
    quorums_.know_time_awake(std::move(awake));
  }
  void know_clocks(std::function<std::uint64_t(node_id)> shown_ms) {
    times_.know_clocks(std::move(shown_ms));
  }
  void know_links(std::function<bool(node_id, node_id)> linked) {
    quorums_.know_links(std::move(linked));
  }
  /// The node starts (again) from its disk: it applies from the beginning.
  void restarted(node_id id);

  void stepped(const raft::core& after, const raft::input& in, const raft::effects& out) override;
  void applied(node_id id, const actors::applied_state& now) override;

  // The same as facts, so that tests can tell contradictory ones.
  void saw_status(const raft::status& now, const raft::effects& out);
  void saw_leader(node_id id, term_t term);
  void saw_vote(node_id voter, node_id candidate, term_t term);
  void saw_saved(node_id id, index_t first, term_t before, const std::vector<raft::entry>& saved);
  void saw_committed(node_id id, term_t term, const std::vector<raft::entry>& committed);

  [[nodiscard]] std::uint64_t elections() const { return elections_; }
  [[nodiscard]] index_t committed() const { return index_t{golden_.size()}; }
  /// The last committed entry that any node knows of.
  [[nodiscard]] raft::entry_id last_committed() const {
    return golden_.empty() ? raft::entry_id{} : raft::entry_id{golden_.back().term, committed()};
  }
  [[nodiscard]] const promises& given() const { return promises_; }
  /// What was committed, from index 1, as the first node that said so had it.
  [[nodiscard]] const std::vector<committed_entry>& log() const { return log_; }
  /// The state after every index at which some node has looked, as the first of them had it.
  [[nodiscard]] const std::map<index_t, actors::applied_state>& states() const { return states_; }
  [[nodiscard]] index_t applied_by(node_id node) const;

 private:
  struct node_facts {
    std::string name;
    std::size_t lane = 0;  // in the record of the run
    raft::role_name role = raft::role_name::follower;
    term_t term;
    raft::entry_id last;
    index_t committed;  // in this life
    index_t applied;
    std::map<term_t, node_id> votes;  // that arrived, in all lives
  };
  /// What all nodes agreed on at one index.
  struct golden_entry {
    term_t term;
    term_t committed_in;  // term of whoever said so first
    std::uint64_t fingerprint = 0;
  };
  struct known_entry {
    term_t term;
    term_t before;  // term of the entry before it
    std::uint64_t fingerprint = 0;
  };

  void saw_message(const raft::core& after, const raft::status& now, const raft::received& in);
  /// Counts one more promise; whether the media are read for it.
  [[nodiscard]] bool is_due(std::uint64_t& since_last) const;
  void remark(const raft::status& now, const raft::input& in, const raft::effects& out) const;
  void check_known_leader(const raft::status& now);
  void check_complete(const raft::core& leader, const raft::status& now);
  void know(node_facts& node, const raft::entry& e, term_t before);
  void add(std::string property, std::string sentence, const node_facts& node);

  findings& findings_;
  promises promises_;
  quorum_properties quorums_;
  needless_work needless_;
  leaders_time times_;
  media_audit* audit_ = nullptr;
  step_watcher* watcher_ = nullptr;
  // How many there were since the media were read for one.
  std::uint64_t acknowledged_ = 0;
  std::uint64_t commits_ = 0;
  std::map<node_id, node_facts> nodes_;
  std::map<term_t, node_id> leaders_;
  std::vector<golden_entry> golden_;             // by index - 1
  std::vector<committed_entry> log_;             // by index - 1
  std::vector<std::vector<known_entry>> known_;  // by index - 1: every entry ever saved there
  std::map<index_t, actors::applied_state> states_;
  std::uint64_t elections_ = 0;
};

}  // namespace atomix::sim
