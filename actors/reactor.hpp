// SPDX-License-Identifier: Apache-2.0
/// \file The production scheduler: one thread runs sockets, timers and actors (the simulator's twin
/// is sim/coordinator.hpp). Asio's `io_context` is the loop; CAF's runnable actors are drained in
/// it.
///
///   turn := ready sockets and posted completions -> actors until none is runnable (or a bound)
///           -> due timers -> sleep until the next socket, completion or timer
#pragma once

#include <caf/detail/simple_actor_clock.hpp>
#include <caf/scheduler/abstract_coordinator.hpp>

#include <asio/io_context.hpp>

#include <atomic>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace atomix::actors {

class reactor_clock final : public caf::detail::simple_actor_clock {
 public:
  /// Goes on while the machine is suspended: who wakes must know that his sessions are over.
  [[nodiscard]] time_point now() const noexcept override;
  [[nodiscard]] bool empty() const { return schedule_.empty(); }
  [[nodiscard]] time_point next_due() const { return schedule_.begin()->first; }
  /// Timers may be all that keeps an actor alive, and an actor that ends asks for its timers.
  void cancel_all() override {
    actor_lookup_.clear();
    const auto last = std::exchange(schedule_, {});
  }
};

class reactor final : public caf::scheduler::abstract_coordinator {
 public:
  reactor(caf::actor_system& system, asio::io_context& loop);

  /// While `jobs` is not zero, the loop polls for a moment before it sleeps.
  ///
  /// A sync takes some 100 us; putting the processor to sleep and waking it costs as much, and far
  /// more on virtual machines (4 ms where the completion's interrupt waits for the next timer
  /// tick).
  void poll_while(const std::atomic<int>& jobs) { jobs_ = &jobs; }

  /// Runs turns on the calling thread, which becomes the actors' thread, until `request_stop`.
  void run();
  /// From any thread.
  void request_stop();
  /// Runs what is runnable now, without sleeping: for winding down after `run`.
  void drain();

  void enqueue(caf::resumable* what) override;
  reactor_clock& clock() noexcept override { return clock_; }
  [[nodiscard]] bool detaches_utility_actors() const override { return false; }
  void start() override;
  /// Ends actors that wait to run or that only a timer keeps alive. May be called again.
  void stop() override;

 private:
  class unit final : public caf::execution_unit {
   public:
    explicit unit(reactor& owner) : caf::execution_unit(&owner.system()), owner_(owner) {}
    void exec_later(caf::resumable* what) override { owner_.enqueue(what); }

   private:
    reactor& owner_;
  };

  bool run_actors();
  void take_foreign();
  void sleep();
  bool poll_for_jobs();

  asio::io_context& loop_;
  unit unit_;
  reactor_clock clock_;
  std::atomic<std::thread::id> thread_;
  std::deque<caf::resumable*> runnable_;
  std::mutex mutex_;                      // guards `foreign_`
  std::vector<caf::resumable*> foreign_;  // made runnable by other threads
  std::atomic<bool> awake_{true};         // false: `enqueue` from outside must wake the loop
  std::atomic<bool> stopping_{false};
  const std::atomic<int>* jobs_ = nullptr;
};

}  // namespace atomix::actors
