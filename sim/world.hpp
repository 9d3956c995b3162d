// SPDX-License-Identifier: Apache-2.0
/// \file The simulated world: virtual time, who may run, what happens next, and the trace of it
/// all. Knows nothing of networks, disks or Raft; those are built on `at` and `make_runnable`.
#pragma once

#include "sim/event_queue.hpp"
#include "sim/time.hpp"

#include "raft/base/prng.hpp"
#include "raft/base/strong.hpp"

#include <caf/fwd.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace atomix::sim {

class recorder;

/// One life of one node or client: a restart is another process. None is the world itself.
using process_id = strong<struct process_tag>;

/// Runs one message of an actor. Implemented by the scheduler of a process.
class actor_runner {
 public:
  actor_runner() = default;
  actor_runner(const actor_runner&) = delete;
  actor_runner& operator=(const actor_runner&) = delete;
  virtual ~actor_runner() = default;
  virtual void resume(caf::resumable* what) = 0;
};

/// What a line of the trace is about.
enum class trace_kind : std::uint8_t {
  actor,
  timer,
  frames,
  connection,
  disk,
  fault,
  workload,
  log,
  raft,
};
[[nodiscard]] std::string_view to_string(trace_kind kind);

/// Owned and used by one thread. Two worlds with the same seed, given the same orders, go through
/// the same trace; `trace_hash` says so in one number.
class world {
 public:
  explicit world(std::uint64_t seed);
  world(const world&) = delete;
  world& operator=(const world&) = delete;

  [[nodiscard]] sim_time now() const { return now_; }
  /// A generator of its own for whoever asks; depends on the seed and `name` only, so that what one
  /// part draws does not shift what another sees.
  [[nodiscard]] prng chance_for(std::string_view name) const;

  [[nodiscard]] process_id add_process(std::string name);
  [[nodiscard]] const std::string& name_of(process_id who) const;
  /// A generator for one life of a machine: depends on its name and on how often it has lived.
  [[nodiscard]] prng chance_of_life(process_id who, std::string_view purpose) const;
  [[nodiscard]] bool is_alive(process_id who) const;
  /// Drops the process's events, now and later. Its runnable actors are handed back: the caller
  /// owns one reference of each.
  [[nodiscard]] std::vector<caf::resumable*> end_process(process_id who);
  /// A paused process runs nothing and hears nothing until `unpause`; then all of it at once.
  void pause(process_id who);
  void unpause(process_id who);
  /// A time that goes on while it is not paused; to compare within one life.
  [[nodiscard]] sim_time time_awake(process_id who) const {
    const process_entry& one = entry(who);
    return (one.paused ? one.paused_at : now_) - one.slept;
  }
  /// It is paused, or was and has not done yet what came meanwhile.
  [[nodiscard]] bool is_behind(process_id who) const { return entry(who).behind; }
  /// Whether it would do something now if it were not paused.
  [[nodiscard]] bool is_held_up(process_id who) const;

  /// From now on events happen at multiples of this only, so that many coincide.
  /// Requires: at least 1.
  void set_grain(sim_duration grain) { grain_ = grain; }
  /// From now on a process is busy for about so long with each step of an actor. What arrives
  /// meanwhile queues up, so that more of its actors have something to do at once.
  void set_step_time(sim_duration each) { step_time_ = each; }
  /// Runs `what` at that moment (now, if it has passed) unless `owner` has ended by then.
  void at(sim_time when, process_id owner, action what);
  void after(sim_duration wait, process_id owner, action what) {
    at(now_ + wait, owner, std::move(what));
  }
  /// Runs `what` between two steps, once `count` more actors have run (the one that asks for it, if
  /// any, counts). So crashes come in the middle of things as well, but not of a step: an actor
  /// that runs must not be destroyed.
  void after_actor_steps(std::uint64_t count, action what);
  void make_runnable(process_id who, actor_runner& runner, caf::resumable* what);

  /// One actor that may run, picked by noise; if there is none, the next event.
  /// Returns false if nothing will ever happen again.
  bool step();
  /// Steps until `end`; time stands at `end` afterwards unless `stuck` or `halted`.
  void run_until(sim_time end);
  /// Whose actor or event runs at this moment; none between steps.
  [[nodiscard]] process_id running() const { return running_; }
  /// Disk work is done by helper threads of a process, in an event of the world.
  void run_for(process_id who, const std::function<void()>& work) {
    const process_id before = std::exchange(running_, who);
    work();
    running_ = before;
  }
  /// Nothing happens any more: `run_until` returns after the present step.
  void halt() { halted_ = true; }
  /// Halts once so many events and steps of actors have happened.
  void halt_at(std::uint64_t count) { halt_at_ = count; }
  [[nodiscard]] bool halted() const { return halted_; }
  /// Actors go on for ever without time passing.
  [[nodiscard]] bool stuck() const { return steps_at_this_moment_ > stuck_after; }

  /// Adds to the trace. `what` is only called if somebody reads it.
  template <class Text>
  void note(trace_kind kind, process_id who, std::uint64_t fingerprint, Text what) {
    mix(kind, who, fingerprint);
    if (is_read()) tell(kind, who, what());
  }
  void mix(trace_kind kind, process_id who, std::uint64_t fingerprint);
  /// Adds to what is read only, not to the hash.
  void remark(trace_kind kind, const std::string& what) {
    if (is_read()) tell(kind, process_id{}, what);
  }
  /// Every line of the trace as text from now on; costs time.
  void read_trace(std::function<void(const std::string&)> reader) { trace_ = std::move(reader); }
  [[nodiscard]] bool is_read() const { return trace_ || recorder_ != nullptr; }
  /// The run is written down by `r`, which outlives this world.
  void record(recorder* r) { recorder_ = r; }
  /// Whom to tell; null if the run is not written down.
  [[nodiscard]] recorder* recording() const { return recorder_; }

  /// From now on remembers the hash behind every `checkpoint_every` lines of the trace.
  void keep_checkpoints() { keeps_checkpoints_ = true; }
  static constexpr std::uint64_t checkpoint_every = 1'024;
  [[nodiscard]] const std::vector<std::uint64_t>& checkpoints() const { return checkpoints_; }

  [[nodiscard]] std::uint64_t trace_hash() const { return hash_; }
  [[nodiscard]] std::uint64_t actor_steps() const { return actor_steps_; }
  [[nodiscard]] std::uint64_t events() const { return events_; }

 private:
  static constexpr std::uint64_t stuck_after = 2'000'000;

  struct runnable {
    actor_runner* runner;
    caf::resumable* what;
  };
  /// Who runs next is noise of each process's own: how far one has come does not shift what another
  /// one draws.
  struct process_entry {
    std::string name;
    std::uint64_t life = 0;  // of that name, from 1
    prng pick{0};
    std::uint64_t turn = 0;  // among processes that can run the one with the smallest is next
    bool alive = true;
    bool paused = false;
    bool behind = false;
    std::uint64_t pauses = 0;
    sim_time paused_at = 0;
    sim_duration slept = 0;  // before that
    bool busy = false;
    std::vector<action> held_events;
    std::vector<runnable> actors;  // that may run
  };

  struct interruption {
    std::uint64_t steps_left = 0;
    action what;
  };

  [[nodiscard]] process_id next_to_run() const;
  void run_one_actor(process_id who);
  void catch_up(process_id who, std::uint64_t pause);
  void interrupt();
  void set_ready(process_id who);
  void keep_busy(process_id who);
  void set_idle(process_id who);
  [[nodiscard]] std::string line(trace_kind kind, process_id who, const std::string& what) const;
  void tell(trace_kind kind, process_id who, std::string what) const;
  [[nodiscard]] process_entry& entry(process_id who) { return *processes_[who.value()]; }
  [[nodiscard]] const process_entry& entry(process_id who) const {
    return *processes_[who.value()];
  }

  std::uint64_t seed_;
  sim_duration grain_ = 1;
  sim_duration step_time_ = 0;
  sim_time now_ = 0;
  event_queue queue_;
  std::vector<process_id> ready_;  // processes with actors that may run, not paused
  std::vector<std::unique_ptr<process_entry>> processes_;  // by id; the first is the world itself
  std::map<std::string, std::uint64_t> lives_;             // by name
  std::vector<interruption> interruptions_;
  std::uint64_t hash_ = 0;
  std::uint64_t actor_steps_ = 0;
  std::uint64_t events_ = 0;
  std::uint64_t steps_at_this_moment_ = 0;
  process_id running_;
  bool halted_ = false;
  std::uint64_t halt_at_ = ~std::uint64_t{0};
  bool keeps_checkpoints_ = false;
  std::uint64_t lines_ = 0;
  std::vector<std::uint64_t> checkpoints_;
  std::function<void(const std::string&)> trace_;
  recorder* recorder_ = nullptr;
};

}  // namespace atomix::sim
