// SPDX-License-Identifier: Apache-2.0
/// \file Assembles the actors of one replica in a world, real or simulated.
#pragma once

#include "actors/world.hpp"

#include "net/address.hpp"
#include "resources/machine_registry.hpp"
#include "resources/session_table.hpp"

#include "raft/storage/log.hpp"

#include <caf/fwd.hpp>

#include <absl/status/statusor.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace atomix::actors {

struct member {
  std::string name;
  net::address address;
};

/// The id of the member called `name`, the same on every node.
[[nodiscard]] node_id id_of(std::string_view name);

struct replica_setup {
  std::string cluster = "atomix";  ///< nodes and clients of another cluster are refused
  std::string name;                ///< one of `members`
  std::vector<member> members;
  net::address listen;    ///< where peers and clients connect
  std::string directory;  ///< data directory
  std::uint64_t segment_bytes = 64U << 20U;
  raft::durability durability = raft::durability::disk;
  /// The types of resources this replica knows: the same on every member.
  resources::machine_registry registry = resources::builtin_machines();
  /// The same on every member, and for good: a log that was applied with others means something
  /// else.
  resources::session_limits sessions;
  raft::options timing;  ///< `self`, `initial` and `seed` are filled in
  /// Told once why the replica cannot go on: its disk failed.
  std::function<void(const absl::Status& why)> on_failure;
};

/// What the outside may know at any time.
struct replica_view {
  raft::status raft;
  index_t applied;
};

class replica_actors {
 public:
  /// Opens the data directory, listens, spawns the actors. Blocks for as long as recovery takes.
  /// Errors: those of `raft::log::open` and `net::transport::listen`; invalid_argument for a setup
  /// that contradicts itself.
  [[nodiscard]] static absl::StatusOr<std::unique_ptr<replica_actors>> start(
      caf::actor_system& system, const world& outside, const replica_setup& setup);

  replica_actors() = default;
  replica_actors(const replica_actors&) = delete;
  replica_actors& operator=(const replica_actors&) = delete;
  /// Only on the actors' thread, before the system ends or after its actors are gone.
  virtual ~replica_actors() = default;

  [[nodiscard]] virtual net::address listening_on() const = 0;
  /// A copy that the node publishes whenever term, leader or role changes.
  [[nodiscard]] virtual const replica_view& view() const = 0;
  /// Ends the actors in order: no new work, connections closed.
  virtual void stop() = 0;
};

}  // namespace atomix::actors
