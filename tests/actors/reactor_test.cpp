// SPDX-License-Identifier: Apache-2.0
// The real world below the actors: reactor, runtime, disk threads.
#include "actors/reactor.hpp"

#include "actors/disk_threads.hpp"
#include "actors/runtime.hpp"

#include <caf/all.hpp>

#include <asio/executor_work_guard.hpp>
#include <asio/io_context.hpp>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <thread>
#include <vector>

#include "tests/actors/stopwatch.hpp"

namespace atomix::actors {
namespace {

using namespace std::chrono_literals;

struct counting_state {
  std::shared_ptr<std::promise<int>> done;
  int wanted = 0;
  int seen = 0;
};
using self_pointer = caf::stateful_actor<counting_state>*;

caf::behavior count_up_to(
    self_pointer self, int wanted, const std::shared_ptr<std::promise<int>>& done) {
  self->state.wanted = wanted;
  self->state.done = done;
  return {[=](int) {
    if (++self->state.seen == self->state.wanted) self->state.done->set_value(self->state.seen);
  }};
}

template <class T>
bool ready(const std::future<T>& f) {
  return f.wait_for(10s) == std::future_status::ready;
}

#ifdef ATOMIX_THREAD_SANITIZER
constexpr bool slow_build = true;
#else
constexpr bool slow_build = false;
#endif

// A lost wake-up would leave the loop asleep for a second at a time, or for ever.
TEST(reactor, hears_messages_of_many_threads) {
  constexpr int threads = 4;
  constexpr int each = slow_build ? 500 : 20'000;
  runtime r{disk_use::none, nullptr};
  auto done = std::make_shared<std::promise<int>>();
  auto result = done->get_future();
  caf::actor counter;
  r.call([&](caf::actor_system& system, const world&) {
    counter = system.spawn(count_up_to, threads * each, done);
  });
  std::vector<std::thread> senders;
  for (int t = 0; t < threads; ++t)
    senders.emplace_back([&] {
      for (int i = 0; i < each; ++i)
        caf::anon_send(counter, i);
    });
  for (auto& t : senders)
    t.join();
  EXPECT_TRUE(ready(result));
  counter = nullptr;
}

TEST(reactor, wakes_for_each_single_message) {
  runtime r{disk_use::none, nullptr};
  const atomix::stopwatch watch;
  for (int i = 0; i < 500; ++i) {
    auto done = std::make_shared<std::promise<int>>();
    auto result = done->get_future();
    caf::actor one;
    r.call(
        [&](caf::actor_system& system, const world&) { one = system.spawn(count_up_to, 1, done); });
    caf::anon_send(one, i);
    ASSERT_TRUE(ready(result));
  }
  EXPECT_LT(watch.elapsed(), 10s);
}

// Each message follows at the heels of the one before: just when the loop has looked for the last
// time, and is about to sleep.
TEST(reactor, wakes_for_a_message_that_comes_as_it_falls_asleep) {
  constexpr int rounds = 5'000;
  runtime r{disk_use::none, nullptr};
  std::atomic<int> seen{0};
  caf::actor one;
  r.call([&](caf::actor_system& system, const world&) {
    const auto show = [&seen](caf::event_based_actor*, int) -> caf::behavior {
      return {[&seen](int i) {
        seen = i;
      }};
    };
    one = system.spawn(show, 0);
  });
  const atomix::stopwatch watch;
  for (int i = 1; i <= rounds; ++i) {
    caf::anon_send(one, i);
    while (seen != i) {
      ASSERT_LT(watch.elapsed(), 10s) << "in round " << i;
      std::this_thread::yield();
    }
  }
}

TEST(reactor, fires_timers_in_order) {
  runtime r{disk_use::none, nullptr};
  std::promise<std::vector<int>> order;
  auto result = order.get_future();
  r.call([&](caf::actor_system& system, const world&) {
    // An argument: CAF 0.17 dereferences a null tuple when a function is spawned without any.
    const auto collect = [&order](caf::event_based_actor* self, int) -> caf::behavior {
      auto seen = std::make_shared<std::vector<int>>();
      self->delayed_send(self, 30ms, 3);
      self->delayed_send(self, 10ms, 1);
      self->delayed_send(self, 20ms, 2);
      return {[&order, seen, self](int i) {
        seen->push_back(i);
        if (seen->size() < 3) return;
        order.set_value(*seen);
        self->quit();
      }};
    };
    system.spawn(collect, 0);
  });
  ASSERT_TRUE(ready(result));
  EXPECT_EQ(result.get(), (std::vector<int>{1, 2, 3}));
}

TEST(reactor, ends_actors_that_only_a_timer_keeps) {
  const auto alive = std::make_shared<int>(1);
  {
    runtime r{disk_use::none, nullptr};
    r.call([&](caf::actor_system& system, const world&) {
      const auto keep = [held = alive](caf::event_based_actor* self, int) -> caf::behavior {
        self->delayed_send(self, 1h, 1);
        return {[held](int) {
        }};
      };
      system.spawn(keep, 0);
    });
    // The second call comes behind the first run of the actor.
    r.call([](caf::actor_system&, const world&) {});
    EXPECT_GT(alive.use_count(), 1);
  }
  EXPECT_EQ(alive.use_count(), 1);
}

TEST(runtime, runs_calls_from_its_own_thread_at_once) {
  runtime r{disk_use::none, nullptr};
  int depth = 0;
  EXPECT_FALSE(r.is_here());
  r.call([&](caf::actor_system&, const world&) {
    EXPECT_TRUE(r.is_here());
    r.call([&](caf::actor_system&, const world&) { depth = 2; });
  });
  EXPECT_EQ(depth, 2);
}

TEST(disk_threads, keep_the_order_of_a_lane_and_complete_on_the_loop) {
  asio::io_context loop;
  const auto work = asio::make_work_guard(loop);
  disk_threads disk{loop};
  std::vector<int> worked;
  std::vector<int> completed;
  const auto here = std::this_thread::get_id();
  for (int i = 0; i < 100; ++i)
    disk.run(
        disk_lane::log,
        [&worked, i, here] {
          EXPECT_NE(std::this_thread::get_id(), here);
          worked.push_back(i);
        },
        [&completed, i, here] {
          EXPECT_EQ(std::this_thread::get_id(), here);
          completed.push_back(i);
        });
  while (completed.size() < 100)
    ASSERT_GT(loop.run_one_for(10s), 0U);
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(worked[static_cast<std::size_t>(i)], i);
    EXPECT_EQ(completed[static_cast<std::size_t>(i)], i);
  }
  EXPECT_EQ(disk.urgent_jobs(), 0);
}

TEST(disk_threads, a_slow_lane_does_not_hold_up_the_other) {
  asio::io_context loop;
  const auto work = asio::make_work_guard(loop);
  disk_threads disk{loop};
  std::promise<void> release;
  bool logged = false;
  bool read = false;
  disk.run(
      disk_lane::background,
      [held = release.get_future().share()] { held.wait(); },
      [&] { read = true; });
  disk.run(
      disk_lane::log, [] {}, [&] { logged = true; });
  while (!logged)
    ASSERT_GT(loop.run_one_for(10s), 0U);
  EXPECT_FALSE(read);
  release.set_value();
  while (!read)
    ASSERT_GT(loop.run_one_for(10s), 0U);
}

TEST(disk_threads, drop_what_comes_after_stop_and_what_it_holds) {
  asio::io_context loop;
  const auto held = std::make_shared<int>(1);
  disk_threads disk{loop};
  disk.stop();
  disk.run(
      disk_lane::log, [held] { ADD_FAILURE(); }, [held] {});
  EXPECT_EQ(held.use_count(), 1);
  disk.stop();
}

}  // namespace
}  // namespace atomix::actors
