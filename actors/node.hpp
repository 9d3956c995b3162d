// SPDX-License-Identifier: Apache-2.0
/// \file Carries out what the core decided, in the order that `raft::effects` prescribes.
///
///   mailbox -> step -> gathered effects -> flush: urgent  -> peers
///                                                 save    -> log writer -> held messages -> peers
///                                                 committed -> applier, reads -> gateway
///
/// Effects of all messages of one turn are merged, so that a turn costs one save and one outbox.
#pragma once

#include "actors/alarm.hpp"
#include "actors/interfaces.hpp"
#include "actors/replica_actors.hpp"
#include "actors/turn.hpp"
#include "actors/world.hpp"

#include <deque>
#include <functional>
#include <memory>
#include <optional>

namespace atomix::actors {

struct node_parts {
  raft::options options;
  core_observer* observer = nullptr;
  std::shared_ptr<replica_view> view;  ///< kept up to date for the outside
  std::function<void(const absl::Status&)> on_failure;
  std::function<void(const raft::status&)> on_leadership;  ///< for the operator's log
};

struct node_state {
  static constexpr const char* name = "node";

  colleagues others;
  node_parts parts;
  std::optional<raft::core> core;
  raft::effects gathered;
  turn this_turn;
  std::deque<std::vector<raft::outbound>> held;  // by save order: what waits for it
  leadership told;                               // what its colleagues know
  alarm::time_point counted;                     // the core has counted the ticks until then
  alarm next_ticks;
};

node_actor::behavior_type node(
    node_actor::stateful_pointer<node_state> self,
    const node_parts& parts,
    const std::shared_ptr<raft::recovered_state>& recovered);

}  // namespace atomix::actors
