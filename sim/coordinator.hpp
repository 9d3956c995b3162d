// SPDX-License-Identifier: Apache-2.0
/// \file The scheduler and clock of one simulated process: hands its actors to the world, which
/// decides who runs. The twin of the reactor of production.
#pragma once

#include "sim/local_clock.hpp"
#include "sim/world.hpp"

#include <caf/actor_control_block.hpp>
#include <caf/detail/simple_actor_clock.hpp>
#include <caf/execution_unit.hpp>
#include <caf/scheduler/abstract_coordinator.hpp>

#include <vector>

namespace atomix::sim {

/// Timers of one process in its own time, which may run fast or slow. The earliest one is an event
/// of the world.
class actor_timers final : public caf::detail::simple_actor_clock {
 public:
  using base = caf::detail::simple_actor_clock;
  actor_timers(world& w, process_id owner, const local_clock& time)
      : world_(w), owner_(owner), time_(time) {}

  [[nodiscard]] time_point now() const noexcept override;
  void set_ordinary_timeout(
      time_point t, caf::abstract_actor* self, caf::atom_value type, std::uint64_t id) override;
  void set_multi_timeout(
      time_point t, caf::abstract_actor* self, caf::atom_value type, std::uint64_t id) override;
  void set_request_timeout(time_point t, caf::abstract_actor* self, caf::message_id id) override;
  void schedule_message(
      time_point t, caf::strong_actor_ptr receiver, caf::mailbox_element_ptr content) override;
  void schedule_message(
      time_point t, caf::group target, caf::strong_actor_ptr sender, caf::message content) override;

  /// The moment at which the next timer is due has moved.
  void rearm() {
    armed_ = ~sim_time{0};
    arm();
  }

 private:
  void arm();
  void wake();
  void fire_one();

  world& world_;
  process_id owner_;
  const local_clock& time_;
  sim_time armed_ = ~sim_time{0};  // when our next event comes
  std::uint64_t wakes_ = 0;        // number of that event; earlier ones are void
};

/// Installed as the scheduler module of the process's actor system.
class coordinator final : public caf::scheduler::abstract_coordinator, public actor_runner {
 public:
  using base = caf::scheduler::abstract_coordinator;
  coordinator(caf::actor_system& system, world& w, process_id owner, const local_clock& time);

  void enqueue(caf::resumable* what) override;
  void resume(caf::resumable* what) override;
  [[nodiscard]] caf::actor_clock& clock() noexcept override { return timers_; }
  [[nodiscard]] bool detaches_utility_actors() const override { return false; }
  void start() override;
  void stop() override;
  void clock_changed() { timers_.rearm(); }

  /// The process is killed: no actor runs another message, each loses its state and behaviour (so
  /// that handles that point in circles are freed), every timer is gone.
  /// Requires: between two steps.
  void kill_all();

 private:
  struct unit final : caf::execution_unit {
    unit(caf::actor_system* system, coordinator& o) : caf::execution_unit(system), owner(o) {}
    void exec_later(caf::resumable* what) override { owner.enqueue(what); }
    coordinator& owner;
  };
  void release_left();

  world& world_;
  process_id owner_;
  actor_timers timers_;
  unit unit_;
  std::vector<caf::weak_actor_ptr> seen_;  // by actor id: every actor that was ever launched
  std::vector<caf::resumable*> left_;      // became runnable after the end
  bool killed_ = false;
};

}  // namespace atomix::sim
