// SPDX-License-Identifier: Apache-2.0
/// \file Applies committed entries: sessions first (exactly once), then each resource its share, in
/// parallel; results are joined in log order. One run of the log at a time: what commits meanwhile
/// makes up the next run, so batches grow with load.
///
///   idle --entries--> plan --tasks--> resources --results of all--> finish --> gateway, node
///     ^                                                               |
///     '---------------- nothing waits ---- queries, next run <--------'
#pragma once

#include "actors/interfaces.hpp"
#include "actors/world.hpp"

#include "resources/machine_registry.hpp"
#include "resources/session_table.hpp"

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace atomix::actors {

/// One resource, as the applier knows it.
struct resource_slot {
  std::uint64_t number = 0;  // in order of creation: the order of results within one entry
  std::string name;
  std::string type;
  resource_actor actor;
  std::optional<log_time> deadline;
  std::uint64_t state_hash = 0;
  std::vector<resources::task> tasks;  // of the run being planned
  std::set<session_id> users;          // sessions that touched it and live
  index_t dropped_at;                  // deleted by this entry; none: lives
};

/// A run of the log on its way through the resources.
struct run_in_flight {
  std::vector<resources::clock_mark> clock;
  applied_output output;
  std::vector<std::pair<std::uint64_t, resources::batch_results>> results;  // by resource number
  std::size_t awaited = 0;
};

struct applier_state {
  static constexpr const char* name = "applier";

  colleagues others;
  world outside;
  node_id self_id;
  resources::machine_registry registry;
  resources::session_table sessions;
  std::map<std::string, std::uint64_t, std::less<>> directory;  // resource number by name
  std::map<std::uint64_t, resource_slot> slots;                 // until their last results are in
  std::map<session_id, std::set<std::uint64_t>> touched;        // resources a session has used
  std::uint64_t resources_made = 0;
  index_t applied;
  log_time now;
  bool leads = false;  // only then anybody waits for what comes of the log
  std::vector<raft::entry> backlog;
  std::optional<run_in_flight> run;
  std::vector<query_orders> queries;  // wait for an index, a sequence, or the end of a run
};

using applier_self = applier_actor::stateful_pointer<applier_state>;

applier_actor::behavior_type applier(
    applier_self self,
    const world& outside,
    node_id id,
    const resources::machine_registry& registry,
    const resources::session_limits& limits);

/// Walks the entries in order: sessions are changed at once, commands become tasks of their
/// resources, answers that need no resource go to the output.
void plan(applier_self self, const std::vector<raft::entry>& entries, run_in_flight& run);

/// Sends queries to their resources. Requires: no run in flight.
void answer_queries(applier_self self, query_orders& orders);

}  // namespace atomix::actors
