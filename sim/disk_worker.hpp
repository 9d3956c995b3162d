// SPDX-License-Identifier: Apache-2.0
/// \file What runs a simulated node's disk work: at once for the node's data, but virtual time
/// passes before anything is durable and anybody is told.
#pragma once

#include "actors/world.hpp"
#include "sim/disk.hpp"
#include "sim/world.hpp"

#include "raft/base/prng.hpp"

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>

namespace atomix::sim {

/// How fast, and how honest, a node's disk is. Changed by faults while the node runs.
struct disk_manner {
  std::uint64_t slower = 1;  ///< latencies are multiplied by it
  /// The disk says that it synced and did not. Breaks Raft's assumptions: checks must notice. Never
  /// drawn by a fault plan.
  bool lies = false;
};

/// The disk worker of one process. Jobs of a lane follow one another; lanes do not wait for each
/// other. Syncs become durable when the job's latency is over: a power cut before may lose them.
class disk_worker final : public actors::disk_worker {
 public:
  disk_worker(world& w, process_id owner, disk& d, const disk_manner& manner);
  ~disk_worker() override;

  void run(actors::disk_lane lane, std::function<void()> work, std::function<void()> done) override;

 private:
  struct job {
    std::function<void()> work;
    std::function<void()> done;
  };
  struct lane_state {
    std::deque<job> waiting;
    bool busy = false;
  };
  void start_next(actors::disk_lane lane);
  void finish(actors::disk_lane lane, std::function<void()> done);
  void tell_work(const disk_counts& before, sim_duration latency) const;
  [[nodiscard]] sim_duration draw_latency(actors::disk_lane lane);
  [[nodiscard]] lane_state& state_of(actors::disk_lane lane) {
    return lanes_[lane == actors::disk_lane::log ? 0 : 1];
  }

  world& world_;
  process_id owner_;
  disk& disk_;
  const disk_manner& manner_;
  prng chance_;
  lane_state lanes_[2];
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace atomix::sim
