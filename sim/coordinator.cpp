// SPDX-License-Identifier: Apache-2.0
#include "sim/coordinator.hpp"

#include "actors/caf_logger.hpp"

#include <caf/actor_config.hpp>
#include <caf/actor_system.hpp>
#include <caf/group.hpp>
#include <caf/make_actor.hpp>
#include <caf/message_handler.hpp>
#include <caf/monitorable_actor.hpp>
#include <caf/resumable.hpp>
#include <caf/scheduled_actor.hpp>

#include <chrono>
#include <utility>

namespace atomix::sim {
namespace {

/// Stands where CAF expects the actor that prints; swallows what it gets, so that nothing in a
/// simulation writes to the terminal out of turn.
class silent_printer final : public caf::monitorable_actor {
 public:
  explicit silent_printer(caf::actor_config& config) : caf::monitorable_actor(config) {}
  void enqueue(caf::mailbox_element_ptr, caf::execution_unit*) override {}
};

sim_time nanoseconds_of(caf::actor_clock::time_point t) {
  const auto since = std::chrono::duration_cast<std::chrono::nanoseconds>(t.time_since_epoch());
  return static_cast<sim_time>(since.count());
}

}  // namespace

caf::actor_clock::time_point actor_timers::now() const noexcept {
  const auto shown = static_cast<std::int64_t>(time_.local(world_.now()));
  return time_point{std::chrono::nanoseconds{shown}};
}

void actor_timers::set_ordinary_timeout(
    time_point t, caf::abstract_actor* self, caf::atom_value type, std::uint64_t id) {
  base::set_ordinary_timeout(t, self, type, id);
  arm();
}
void actor_timers::set_multi_timeout(
    time_point t, caf::abstract_actor* self, caf::atom_value type, std::uint64_t id) {
  base::set_multi_timeout(t, self, type, id);
  arm();
}
void actor_timers::set_request_timeout(
    time_point t, caf::abstract_actor* self, caf::message_id id) {
  base::set_request_timeout(t, self, id);
  arm();
}
void actor_timers::schedule_message(
    time_point t, caf::strong_actor_ptr receiver, caf::mailbox_element_ptr content) {
  base::schedule_message(t, std::move(receiver), std::move(content));
  arm();
}
void actor_timers::schedule_message(
    time_point t, caf::group target, caf::strong_actor_ptr sender, caf::message content) {
  base::schedule_message(t, std::move(target), std::move(sender), std::move(content));
  arm();
}

void actor_timers::arm() {
  if (schedule_.empty()) return;
  const sim_time due = time_.global(nanoseconds_of(schedule_.begin()->first));
  if (due >= armed_) return;
  // An event that was posted for a later timer is overtaken by this one and will do nothing.
  armed_ = due;
  world_.at(due, owner_, [this, number = ++wakes_] {
    if (number == wakes_) wake();
  });
}

void actor_timers::wake() {
  armed_ = ~sim_time{0};
  while (!schedule_.empty() && schedule_.begin()->first <= now())
    fire_one();
  arm();
}

void actor_timers::fire_one() {
  const auto first = schedule_.begin();
  const auto due = std::move(first->second);
  if (due->backlink != actor_lookup_.end()) actor_lookup_.erase(due->backlink);
  schedule_.erase(first);
  world_.mix(trace_kind::timer, owner_, static_cast<std::uint64_t>(due->subtype));
  ship(*due);
}

coordinator::coordinator(
    caf::actor_system& system, world& w, process_id owner, const local_clock& time)
    : base(system), world_(w), owner_(owner), timers_(w, owner, time), unit_(&system, *this) {}

void coordinator::enqueue(caf::resumable* what) {
  if (killed_) {
    left_.push_back(what);
    return;
  }
  if (what->subtype() == caf::resumable::scheduled_actor) {
    auto* launched = static_cast<caf::scheduled_actor*>(what);
    const auto id = static_cast<std::size_t>(launched->id());
    if (seen_.size() <= id) seen_.resize(id + 1);
    if (!seen_[id]) seen_[id] = caf::weak_actor_ptr{launched->ctrl()};
  }
  world_.make_runnable(owner_, *this, what);
}

void coordinator::resume(caf::resumable* what) {
  actors::forget_caf_logger();
  switch (what->resume(&unit_, 1)) {
    case caf::resumable::resume_later:
      enqueue(what);
      break;
    case caf::resumable::done:
    case caf::resumable::awaiting_message:
      caf::intrusive_ptr_release(what);
      break;
    case caf::resumable::shutdown_execution_unit:
      break;
  }
}

void coordinator::start() {
  caf::actor_config config{&unit_};
  utility_actors_[printer_id] = caf::make_actor<silent_printer, caf::actor>(
      system().next_actor_id(), system().node(), &system(), config);
}

void coordinator::stop() {
  kill_all();
  utility_actors_[printer_id] = nullptr;
}

void coordinator::kill_all() {
  if (!killed_) {
    killed_ = true;
    left_ = world_.end_process(owner_);
  }
  // Finishing one actor may wake others, but nobody runs any more: their wake-ups end in `left_`.
  for (std::size_t i = 0; i < seen_.size(); ++i) {
    const auto alive = caf::actor_cast<caf::strong_actor_ptr>(seen_[i]);
    if (!alive) continue;
    auto* actor = static_cast<caf::scheduled_actor*>(caf::actor_cast<caf::abstract_actor*>(alive));
    actor->context(&unit_);
    actor->quit(caf::exit_reason::kill);
    actor->finalize();
  }
  seen_.clear();
  timers_.cancel_all();
  release_left();
}

void coordinator::release_left() {
  while (!left_.empty()) {
    caf::resumable* const what = left_.back();
    left_.pop_back();
    caf::intrusive_ptr_release(what);
  }
}

}  // namespace atomix::sim
