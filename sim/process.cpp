// SPDX-License-Identifier: Apache-2.0
#include "sim/process.hpp"

#include "sim/coordinator.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>

#include <utility>

namespace atomix::sim {

struct process::parts {
  caf::actor_system_config config;
  coordinator* scheduler = nullptr;  // owned by the system
  std::unique_ptr<caf::actor_system> system;
};

process::process(world& w, std::string name, local_clock time)
    : world_(w),
      id_(w.add_process(std::move(name))),
      time_(time),
      parts_(std::make_unique<parts>()) {
  parts* const p = parts_.get();
  // CAF's group manager looks at the policy's name: with this one it does not wait for threads.
  p->config.set("scheduler.policy", caf::atom("testing"));
  p->config.module_factories.push_back(
      [this, &w, p](caf::actor_system& system) -> caf::actor_system::module* {
        p->scheduler = new coordinator(system, w, id_, time_);
        return p->scheduler;
      });
  p->system = std::make_unique<caf::actor_system>(p->config);
  p->system->await_actors_before_shutdown(false);
}

process::~process() {
  kill();
  parts_->system.reset();
}

caf::actor_system& process::system() {
  return *parts_->system;
}
void process::jump_clock(sim_duration by) {
  time_.jump(world_.now(), by);
  parts_->scheduler->clock_changed();
}
void process::set_clock_rate(std::uint64_t rate_ppm) {
  time_.set_rate(world_.now(), rate_ppm);
  parts_->scheduler->clock_changed();
}
void process::kill() {
  parts_->scheduler->kill_all();
}

}  // namespace atomix::sim
