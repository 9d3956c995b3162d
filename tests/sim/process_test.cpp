// SPDX-License-Identifier: Apache-2.0
// The scheduler under actors that know nothing of it.
#include "sim/process.hpp"

#include <caf/all.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace atomix::sim {
namespace {

using tick = caf::atom_constant<caf::atom("tick")>;
using ping = caf::atom_constant<caf::atom("ping")>;

int living = 0;

struct chatter_state {
  chatter_state() { ++living; }
  ~chatter_state() { --living; }
  prng chance{0};
  std::vector<caf::actor> friends;
  caf::actor self_too;  // a circle that only a thorough kill breaks
  std::uint64_t pings = 0;
};

caf::behavior chatter(caf::stateful_actor<chatter_state>* self, std::uint64_t seed) {
  self->state.chance = prng{seed};
  self->state.self_too = caf::actor{self};
  self->delayed_send(self, std::chrono::milliseconds{1}, tick::value);
  return {
      [=](tick) {
        auto& s = self->state;
        const std::uint64_t wait = s.chance.between(100, 5'000);
        self->delayed_send(self, std::chrono::microseconds{wait}, tick::value);
        if (s.friends.empty()) return;
        const std::size_t chosen = s.chance.below(s.friends.size());
        self->send(s.friends[chosen], ping::value, s.chance.next());
      },
      [=](ping, std::uint64_t more) {
        auto& s = self->state;
        ++s.pings;
        if (more % 4 != 0 && !s.friends.empty())
          self->send(s.friends[more % s.friends.size()], ping::value, more / 4);
      },
      [=](const caf::actor& other) { self->state.friends.push_back(other); },
  };
}

caf::behavior alarm_clock(
    caf::event_based_actor* self, std::uint64_t wait_ms, world* at, std::optional<sim_time>* rang) {
  self->delayed_send(self, std::chrono::milliseconds{wait_ms}, tick::value);
  return {[=](tick) {
    *rang = at->now();
  }};
}

// An argument that nobody needs: without one CAF 0.17 touches an empty tuple.
caf::behavior restless(caf::event_based_actor* self, std::uint64_t) {
  self->send(self, tick::value);
  return {[=](tick) {
    self->send(self, tick::value);
  }};
}

void fill(process& p, std::uint64_t seed, std::size_t count) {
  std::vector<caf::actor> all;
  for (std::size_t i = 0; i < count; ++i)
    all.push_back(p.system().spawn(chatter, seed + i));
  for (const auto& one : all) {
    for (const auto& other : all)
      caf::anon_send(one, other);
  }
}

std::uint64_t run_chatters(std::uint64_t seed) {
  world at{seed};
  process one{at, "one", local_clock{5 * second, 1'010'000}};
  process two{at, "two", local_clock{7 * second, 990'000}};
  fill(one, seed, 8);
  fill(two, seed * 3, 8);
  at.run_until(2 * second);
  EXPECT_GT(at.actor_steps(), 5'000U);
  return at.trace_hash();
}

TEST(process, the_same_seed_gives_the_same_trace) {
  const std::uint64_t once = run_chatters(1);
  EXPECT_EQ(once, run_chatters(1));
  EXPECT_NE(once, run_chatters(2));
  EXPECT_EQ(living, 0) << "actors outlived their process";
}

TEST(process, a_kill_ends_everything_at_once_and_leaves_nothing) {
  world at{3};
  auto doomed = std::make_unique<process>(at, "doomed", local_clock{});
  fill(*doomed, 1, 5);
  at.run_until(100 * millisecond);
  for (int i = 0; i < 7; ++i)
    at.step();
  EXPECT_EQ(living, 5);
  doomed->kill();
  EXPECT_EQ(living, 0);
  const std::uint64_t steps = at.actor_steps();
  at.run_until(1 * second);
  EXPECT_EQ(at.actor_steps(), steps);
  doomed.reset();
}

caf::behavior impatient(caf::event_based_actor* self, world* at, bool* inside) {
  self->send(self, tick::value);
  return {[=](tick) {
    *inside = true;
    at->after_actor_steps(1, [] {});
    *inside = false;
    self->send(self, tick::value);
  }};
}

// The earlier of two was carried out at once then, and the actor that asked for the second could be
// one of those that the first destroys.
TEST(process, an_actor_that_runs_is_not_interrupted) {
  world at{6};
  process one{at, "one", local_clock{}};
  bool inside = false;
  bool interrupted = false;
  one.system().spawn(impatient, &at, &inside);
  at.after_actor_steps(5, [&] {
    EXPECT_FALSE(inside);
    interrupted = true;
  });
  for (int i = 0; i < 4; ++i)
    at.step();
  EXPECT_FALSE(interrupted);
  for (int i = 0; i < 2; ++i)
    at.step();
  EXPECT_TRUE(interrupted);
}

TEST(process, time_runs_at_the_speed_of_the_machine) {
  world at{4};
  process fast{at, "fast", local_clock{0, 1'250'000}};
  std::optional<sim_time> rang;
  fast.system().spawn(alarm_clock, std::uint64_t{500}, &at, &rang);
  at.run_until(1 * second);
  EXPECT_EQ(rang, 400 * millisecond);
}

TEST(process, a_pause_holds_timers_and_messages_until_it_ends) {
  world at{5};
  process sleeper{at, "sleeper", local_clock{}};
  std::optional<sim_time> rang;
  sleeper.system().spawn(alarm_clock, std::uint64_t{10}, &at, &rang);
  at.run_until(1 * millisecond);
  at.pause(sleeper.id());
  at.run_until(300 * millisecond);
  EXPECT_FALSE(rang);
  at.unpause(sleeper.id());
  at.run_until(1 * second);
  EXPECT_EQ(rang, 300 * millisecond);
}

TEST(world, actors_that_never_rest_are_noticed) {
  world at{6};
  process busy{at, "busy", local_clock{}};
  busy.system().spawn(restless, std::uint64_t{1});
  at.run_until(1 * second);
  EXPECT_TRUE(at.stuck());
}

TEST(world, a_crash_may_come_between_two_steps) {
  world at{7};
  process busy{at, "busy", local_clock{}};
  fill(busy, 1, 3);
  std::uint64_t at_step = 0;
  at.after_actor_steps(5, [&] { at_step = at.actor_steps(); });
  at.run_until(1 * second);
  EXPECT_EQ(at_step, 5U);
}

}  // namespace
}  // namespace atomix::sim
