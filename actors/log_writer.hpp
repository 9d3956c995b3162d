// SPDX-License-Identifier: Apache-2.0
/// \file Makes save orders durable, in order, all that wait with one sync (group commit).
#pragma once

#include "actors/interfaces.hpp"
#include "actors/world.hpp"

#include "raft/storage/log.hpp"

namespace atomix::actors {

struct log_writer_state {
  static constexpr const char* name = "log_writer";

  colleagues others;
  disk_worker* disk = nullptr;
  std::shared_ptr<raft::log> log;
  std::vector<raft::save_batch> waiting;  // arrived while a write is on its way
  bool writing = false;
  bool failed = false;
  bool preparing = false;
  std::uint64_t prepare_distance = 0;
  std::uint64_t bytes_since_prepare = 0;
};

/// Answers to the node: `log_saved` in the order of the save orders, `log_loaded`, or, once,
/// `log_failed`, after which nothing more is saved. Has the log filled ahead once in
/// `prepare_distance` bytes: it is cheap to ask for, but not free.
log_writer_actor::behavior_type log_writer(
    log_writer_actor::stateful_pointer<log_writer_state> self,
    disk_worker* disk,
    std::shared_ptr<raft::log> log,
    std::uint64_t prepare_distance);

}  // namespace atomix::actors
