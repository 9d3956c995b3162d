// SPDX-License-Identifier: Apache-2.0
/// \file Everything outside the actors of one process or simulated node, handed to them at spawn.
/// The clock, and the order in which actors run, come with the `caf::actor_system`.
#pragma once

#include "net/transport.hpp"

#include "raft/base/ids.hpp"
#include "raft/core/core.hpp"
#include "raft/storage/file_system.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

namespace atomix::actors {

enum class disk_lane : std::uint8_t {
  log,         ///< what promises wait for
  background,  ///< reading for followers, filling segments ahead
};

/// Runs what blocks, away from the actors.
class disk_worker {
 public:
  disk_worker() = default;
  disk_worker(const disk_worker&) = delete;
  disk_worker& operator=(const disk_worker&) = delete;
  virtual ~disk_worker() = default;

  /// Runs `work` after all earlier work of its lane, then `done` on the thread of the actors.
  virtual void run(disk_lane lane, std::function<void()> work, std::function<void()> done) = 0;
};

enum class severity : std::uint8_t { debug, info, warning, error };
using log_sink = std::function<void(severity, const std::string& sentence)>;

/// The state machine of a node at one index.
struct applied_state {
  index_t index;
  std::uint64_t hash = 0;       ///< of everything that replicas must agree on
  std::uint64_t resources = 0;  ///< of the machines alone, in the order in which they were made
  std::size_t sessions = 0;     ///< that live
};

/// Sees every step of a node's core. For the simulator's checks; must not change anything.
class core_observer {
 public:
  core_observer() = default;
  core_observer(const core_observer&) = delete;
  core_observer& operator=(const core_observer&) = delete;
  virtual ~core_observer() = default;
  virtual void stepped(
      const raft::core& after, const raft::input& in, const raft::effects& out) = 0;
  /// Everything up to `now.index` was applied.
  virtual void applied(node_id node, const applied_state& now) = 0;
};

/// Outlives the actors. All of it is used on the actors' thread (disk work apart).
struct world {
  net::transport* network = nullptr;
  raft::file_system* files = nullptr;  ///< null for a client
  disk_worker* disk = nullptr;         ///< null for a client
  std::uint64_t seed = 0;              ///< the only source of chance
  log_sink log;
  core_observer* observer = nullptr;  ///< null in production
};

}  // namespace atomix::actors
