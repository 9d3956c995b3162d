// SPDX-License-Identifier: Apache-2.0
#include "sim/world.hpp"

#include "sim/recorder.hpp"

#include "raft/base/check.hpp"
#include "raft/base/crc32c.hpp"

#include <absl/strings/str_cat.h>
#include <absl/strings/str_format.h>

#include <algorithm>
#include <utility>

namespace atomix::sim {

std::string_view to_string(trace_kind kind) {
  switch (kind) {
    case trace_kind::actor:
      return "actor";
    case trace_kind::timer:
      return "timer";
    case trace_kind::frames:
      return "frames";
    case trace_kind::connection:
      return "conn";
    case trace_kind::disk:
      return "disk";
    case trace_kind::fault:
      return "FAULT";
    case trace_kind::workload:
      return "client";
    case trace_kind::raft:
      return "raft";
    case trace_kind::log:
      return "log";
  }
  return "?";
}

world::world(std::uint64_t seed) : seed_(seed) {
  processes_.push_back(std::make_unique<process_entry>());
}

prng world::chance_for(std::string_view name) const {
  prng mixer{seed_ ^ (std::uint64_t{crc32c(name)} << 32U)};
  return prng{mixer.next() ^ crc32c(name, 1)};
}

process_id world::add_process(std::string name) {
  const process_id added{processes_.size()};
  processes_.push_back(std::make_unique<process_entry>());
  process_entry& made = *processes_.back();
  made.life = ++lives_[name];
  made.name = std::move(name);
  made.pick = chance_of_life(added, "scheduler");
  made.turn = made.pick.next();
  return added;
}

prng world::chance_of_life(process_id who, std::string_view purpose) const {
  const process_entry& one = entry(who);
  return chance_for(absl::StrCat(std::string{purpose}, " of ", one.name, " in life ", one.life));
}

const std::string& world::name_of(process_id who) const {
  return entry(who).name;
}
bool world::is_alive(process_id who) const {
  return entry(who).alive;
}

std::vector<caf::resumable*> world::end_process(process_id who) {
  ATOMIX_CHECK(!who.is_none(), "the world itself does not end");
  process_entry& ended = entry(who);
  ended.alive = false;
  ended.held_events.clear();
  set_idle(who);
  std::vector<caf::resumable*> left;
  for (const runnable& each : ended.actors)
    left.push_back(each.what);
  ended.actors.clear();
  return left;
}

void world::pause(process_id who) {
  process_entry& one = entry(who);
  if (!one.paused) one.paused_at = now_;
  one.paused = one.behind = true;
  ++one.pauses;
  set_idle(who);
}

void world::unpause(process_id who) {
  process_entry& paused = entry(who);
  if (paused.paused) paused.slept += now_ - paused.paused_at;
  paused.paused = false;
  for (action& held : paused.held_events)
    at(now_, who, std::move(held));
  paused.held_events.clear();
  if (!paused.busy && !paused.actors.empty()) set_ready(who);
  catch_up(who, paused.pauses);
}

// Behind the events that were held for it. Of several pauses the last one counts.
void world::catch_up(process_id who, std::uint64_t pause) {
  at(now_, who, [this, who, pause] {
    process_entry& late = entry(who);
    if (late.pauses != pause) return;
    late.behind = late.busy || !late.actors.empty();
    if (late.behind)
      after(step_time_ + 1, process_id{}, [this, who, pause] { catch_up(who, pause); });
  });
}

void world::set_ready(process_id who) {
  if (std::find(ready_.begin(), ready_.end(), who) == ready_.end()) ready_.push_back(who);
}

void world::set_idle(process_id who) {
  std::erase(ready_, who);
}

void world::at(sim_time when, process_id owner, action what) {
  const sim_time next = (when + grain_ - 1) / grain_ * grain_;
  queue_.push({std::max(next, now_), owner.value(), std::move(what)});
}

bool world::is_held_up(process_id who) const {
  const process_entry& one = entry(who);
  return one.paused && !(one.held_events.empty() && one.actors.empty());
}

void world::after_actor_steps(std::uint64_t count, action what) {
  if (count == 0 && running_.is_none()) return what();
  interruptions_.push_back({std::max<std::uint64_t>(count, 1), std::move(what)});
}

void world::interrupt() {
  for (interruption& each : interruptions_)
    --each.steps_left;
  // What is run may ask for more.
  for (std::size_t i = 0; i < interruptions_.size();) {
    if (interruptions_[i].steps_left != 0) {
      ++i;
      continue;
    }
    const auto due = interruptions_.begin() + static_cast<std::ptrdiff_t>(i);
    action what = std::move(due->what);
    interruptions_.erase(due);
    what();
  }
}

void world::make_runnable(process_id who, actor_runner& runner, caf::resumable* what) {
  process_entry& owner = entry(who);
  ATOMIX_CHECK(owner.alive, "actors of a process that has ended do not run");
  owner.actors.push_back({&runner, what});
  if (!owner.paused && !owner.busy && owner.actors.size() == 1) set_ready(who);
}

process_id world::next_to_run() const {
  return *std::min_element(ready_.begin(), ready_.end(), [&](process_id a, process_id b) {
    const process_entry& one = entry(a);
    const process_entry& other = entry(b);
    return one.turn != other.turn ? one.turn < other.turn : a < b;
  });
}

void world::run_one_actor(process_id who) {
  process_entry& owner = entry(who);
  const std::size_t index = owner.pick.below(owner.actors.size());
  owner.turn = owner.pick.next();
  const runnable next = owner.actors[index];
  owner.actors[index] = owner.actors.back();
  owner.actors.pop_back();
  if (owner.actors.empty()) set_idle(who);
  ++actor_steps_;
  ++steps_at_this_moment_;
  mix(trace_kind::actor, who, index);
  running_ = who;
  next.runner->resume(next.what);
  running_ = {};
  if (step_time_ != 0) keep_busy(who);
  if (!interruptions_.empty()) interrupt();
}

void world::keep_busy(process_id who) {
  process_entry& owner = entry(who);
  owner.busy = true;
  set_idle(who);
  const sim_time until = now_ + owner.pick.between(1, 2 * step_time_);
  queue_.push({until, 0, [this, who] {
                 process_entry& rested = entry(who);
                 rested.busy = false;
                 if (rested.alive && !rested.paused && !rested.actors.empty()) set_ready(who);
               }});
}

bool world::step() {
  if (!ready_.empty()) {
    run_one_actor(next_to_run());
    return true;
  }
  if (queue_.empty()) return false;
  event next = queue_.pop();
  if (next.at > now_) {
    now_ = next.at;
    steps_at_this_moment_ = 0;
  }
  process_entry& owner = entry(process_id{next.owner});
  if (!owner.alive) return true;
  if (owner.paused) {
    owner.held_events.push_back(std::move(next.run));
    return true;
  }
  ++events_;
  ++steps_at_this_moment_;
  running_ = process_id{next.owner};
  next.run();
  running_ = {};
  return true;
}

void world::run_until(sim_time end) {
  while (!halted_ && !stuck()
         && (!ready_.empty() || (!queue_.empty() && queue_.next_at() <= end))) {
    step();
    if (actor_steps_ + events_ >= halt_at_) halted_ = true;
  }
  if (!halted_ && !stuck()) now_ = std::max(now_, end);
}

void world::mix(trace_kind kind, process_id who, std::uint64_t fingerprint) {
  std::uint64_t z = hash_ ^ (now_ * 0x9e3779b97f4a7c15ULL);
  z ^= (static_cast<std::uint64_t>(kind) << 56U) ^ (who.value() << 40U);
  z = (z ^ (z >> 29U)) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ fingerprint ^ (z >> 32U)) * 0x94d049bb133111ebULL;
  hash_ = z ^ (z >> 31U);
  if (keeps_checkpoints_ && ++lines_ % checkpoint_every == 0) checkpoints_.push_back(hash_);
}

void world::tell(trace_kind kind, process_id who, std::string what) const {
  if (trace_) trace_(line(kind, who, what));
  if (recorder_ != nullptr) recorder_->line(kind, who, std::move(what));
}

std::string world::line(trace_kind kind, process_id who, const std::string& what) const {
  const std::string& name = who.is_none() ? "world" : name_of(who);
  const std::string_view label = to_string(kind);
  return absl::StrFormat(
      "%s %-8s %-6s %s", show_time(now_), name, std::string(label.data(), label.size()), what);
}

}  // namespace atomix::sim
