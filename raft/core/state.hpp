// SPDX-License-Identifier: Apache-2.0
/// \file Everything the core knows, and the roles that own parts of it. Included by raft/core only.
///
/// The functions live where a reader of the thesis looks for them: core.cpp takes inputs apart,
/// core_election.cpp (3.4, 9.6), core_replication.cpp (3.5, 3.6, 10.2.1), core_reads.cpp (6.4),
/// invariants.cpp (what must hold after every step).
#pragma once

#include "raft/base/prng.hpp"
#include "raft/core/core.hpp"
#include "raft/core/log_view.hpp"
#include "raft/core/progress.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace atomix::raft {

struct follower {
  node_id leader;  // none: unknown
};

struct pre_candidate {
  std::map<node_id, bool> ballots;
};

struct candidate {
  std::map<node_id, bool> ballots;  // our own counts like any other: once it has come back, durable
};

/// Reads that wait for a quorum to confirm that we still lead.
struct read_rounds {
  std::uint64_t round = 0;             // the number in every heartbeat
  index_t index;                       // commit when that round started
  std::vector<std::uint64_t> asking;   // wait for `round`
  std::vector<std::uint64_t> waiting;  // came later: wait for the next round
};

struct leader {
  std::map<node_id, progress> peers;  // all members but ourselves, learners too
  index_t match;                      // our own entries of this term that are durable
  index_t first_of_term;
  read_rounds reads;
  log_time clock_base;                       // log time when we began to lead
  std::optional<std::uint64_t> clock_start;  // the host's clock then; none before its first tick
  std::uint64_t ticks = 0;                   // since we lead
  std::uint64_t heartbeat_elapsed = 0;       // ticks since the last one
};

using role = std::variant<follower, pre_candidate, candidate, leader>;

/// What invariants compare across a step.
struct mark {
  hard_state hard;
  entry_id commit;
  entry_id last;
  index_t emitted;
  bool leads = false;
  bool quiet = false;  // quiet ticks are what was stepped
};

struct core::state {
  state(const options& o, recovered_state recovered);

  // core.cpp: inputs.
  void on(const received& in);
  void on(const saved& in);
  void on(const propose& in);
  void on(const raft::read& in);
  void on(const raft::applied& in);
  void on(const peer_lost& in);
  void on(const loaded& in);
  void finish(const mark& before);

  // core_clock.cpp
  void on(const tick& in);
  [[nodiscard]] std::uint64_t quiet_ticks() const;
  [[nodiscard]] bool time_is_wanted() const;
  [[nodiscard]] log_time leader_now() const;

  // core_election.cpp
  void receive(node_id from, const vote_request& m);
  void receive(node_id from, const vote_reply& m);
  void count_ballot(std::map<node_id, bool>& ballots, node_id from, bool granted);
  void start_pre_vote();
  void campaign();
  void become_follower(term_t term, node_id leader);
  void follow_nobody(term_t term);
  void become_leader();
  void reset_election_timer();
  void retry_soon();
  void leader_lost();
  void check_quorum();
  [[nodiscard]] bool hears_quorum() const;
  [[nodiscard]] bool sticks_to_leader(node_id asking) const;
  [[nodiscard]] node_id known_leader() const;

  // core_replication.cpp
  void receive(node_id from, const append_request& m);
  void receive(node_id from, const append_reply& m);
  void receive(node_id from, const heartbeat& m);
  void receive(node_id from, const heartbeat_reply& m);
  bool hear_commit(index_t told);
  void append(entry e);
  void append_own(entry_kind kind, shared_bytes data);
  void accept_entries(const std::vector<entry>& entries);
  void replicate(node_id to, progress& p);
  void replicate_to_all();
  void send_append(node_id to, progress& p, std::vector<entry> entries);
  void send_heartbeat(node_id to, const progress& p);
  void beat();
  void advance_commit();
  void use_configuration(index_t at, configuration c);
  void sync_peers();

  // core_reads.cpp
  void start_read_round();
  void confirm_reads();

  // invariants.cpp
  [[nodiscard]] mark take_mark(const input& in) const;
  [[nodiscard]] bool is_quiet(const input& in) const;
  void check_state() const;
  void check_transition(const mark& before) const;

  [[nodiscard]] const configuration& active() const { return configurations.back().second; }
  [[nodiscard]] bool votes() const;
  [[nodiscard]] raft::leader* leading() { return std::get_if<raft::leader>(&role); }
  [[nodiscard]] const raft::leader* leading() const { return std::get_if<raft::leader>(&role); }
  void send(node_id to, message m) { out.urgent.push_back({to, std::move(m)}); }
  void promise(node_id to, message m) { out.after_save.push_back({to, std::move(m)}); }

  raft::options options;
  hard_state hard;
  log_view log;
  raft::role role;
  /// By the entry that brought it, ascending; the front is the newest committed one (or older),
  /// what follows may still be undone.
  std::vector<std::pair<index_t, configuration>> configurations;
  index_t commit;
  index_t emitted;  // committed entries handed to the host
  index_t applied;  // what the host said it has applied
  log_time wanted;  // the state machine's deadline; none: nothing
  prng random;
  std::uint64_t election_elapsed = 0;  // ticks since we heard of a leader, voted or campaigned
  std::uint64_t election_timeout = 0;
  std::optional<std::uint64_t> now_ms;  // the host's clock at its last tick
  effects out;                          // of the step under way
};

}  // namespace atomix::raft
