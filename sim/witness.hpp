// SPDX-License-Identifier: Apache-2.0
/// \file Judges what clients saw by a witness: the order of the committed log. If every call fits
/// at its place in that order, and the order respects real time, the history is linearizable;
/// nothing has to be searched for. The reference says what each call must have been answered.
///
/// The reference runs the machines of the replicas, so these are held to their specifications: one
/// that is wrong everywhere alike fits its own log.
///
/// It asks for more than linearizability of each resource: the order is one for all of them, and
/// the index that a client is told must be the one its answer belongs to.
#pragma once

#include "actors/world.hpp"
#include "sim/history.hpp"
#include "sim/objection.hpp"
#include "sim/quiet_time.hpp"
#include "sim/reference.hpp"
#include "sim/time.hpp"

#include "raft/core/entry.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <vector>

namespace atomix::sim {

struct committed_entry {
  raft::entry entry;
  sim_time at = 0;  ///< when the first node said so
};

/// Whether what travels over one connection keeps its order and is whole, as with TCP; or whether
/// frames may get lost, or overtake each other, within one.
enum class frame_order : std::uint8_t { kept, may_break };

/// What the world promised to those who are judged.
struct circumstances {
  sim_time now = 0;  ///< the end of the history
  frame_order frames = frame_order::kept;
  /// Clocks kept to the speed that sessions rely on: a client knows that its session is over before
  /// the cluster ends it, as it gives up after nine tenths of the timeout.
  bool clocks_trusted = false;
  /// Whether that client stood still then, and could know nothing of the end of its session.
  std::function<bool(std::size_t client, sim_time at)> stood_still = {};
  /// Then calls are answered at once, sessions live, and what is due happens.
  quiet_time quiet = {};
};

/// What replicas had after some of the entries.
using replica_states = std::map<index_t, actors::applied_state>;

/// What else is known of replicas.
struct replicas_seen {
  resources::machine_registry machines = resources::builtin_machines();  ///< that they know
  const replica_states* states = nullptr;                                ///< null: none was seen
};

/// `log` is complete and in order, from index 1. Replicas are judged as well: sessions must live as
/// the log says, and machines be in the state that it gives. Cost: one replay of the log.
/// Ensures: the first few objections, in the order of the calls; none if all is well.
[[nodiscard]] std::vector<objection> judge(
    const history& book,
    const std::vector<committed_entry>& log,
    const circumstances& around,
    const replicas_seen& replicas = {});

/// Where each call of a history took effect (none: not known, or never), and where sessions ended.
struct call_places {
  std::vector<index_t> calls;  ///< by position in `history::calls`
  std::map<session_id, index_t> ended;
};

struct judgement {
  std::vector<objection> objections;
  call_places places;
};

/// Both by one replay.
[[nodiscard]] judgement judge_and_place(
    const history& book,
    const std::vector<committed_entry>& log,
    const circumstances& around,
    const replicas_seen& replicas = {});

}  // namespace atomix::sim
