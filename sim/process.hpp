// SPDX-License-Identifier: Apache-2.0
/// \file One life of a simulated node or client: an actor system of its own in the shared world.
#pragma once

#include "sim/local_clock.hpp"
#include "sim/world.hpp"

#include <caf/fwd.hpp>

#include <memory>
#include <string>

namespace atomix::sim {

class coordinator;

/// Creating and destroying one costs some 30 microseconds.
class process {
 public:
  process(world& w, std::string name, local_clock time);
  process(const process&) = delete;
  process& operator=(const process&) = delete;
  /// Kills if that has not been done. Handles to its actors must be gone.
  ~process();

  [[nodiscard]] process_id id() const { return id_; }
  [[nodiscard]] caf::actor_system& system();
  /// Its clock leaps ahead; timers that are due by then fire.
  void jump_clock(sim_duration by);
  void set_clock_rate(std::uint64_t rate_ppm);
  [[nodiscard]] const local_clock& clock() const { return time_; }
  /// Ends it abruptly: no actor does anything any more. Then handles to actors may be dropped, then
  /// this object. Requires: between two steps of the world.
  void kill();

 private:
  struct parts;
  world& world_;
  process_id id_;
  local_clock time_;
  std::unique_ptr<parts> parts_;
};

}  // namespace atomix::sim
