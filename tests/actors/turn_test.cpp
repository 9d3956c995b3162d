// SPDX-License-Identifier: Apache-2.0
// What an actor gathers in a turn, and the one timer that it sleeps by.
#include "actors/turn.hpp"

#include "actors/alarm.hpp"
#include "sim/process.hpp"
#include "sim/time.hpp"

#include <caf/all.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <utility>
#include <vector>

namespace atomix::actors {

struct word {
  char letter = 0;
};
struct nothing {};
struct turn_over {};
struct set_alarm {
  std::chrono::milliseconds in;
};
struct ring {
  std::uint64_t alarm = 0;
};

namespace {

using words = std::vector<std::string>;

using speaker_actor =
    caf::typed_actor<caf::reacts_to<word>, caf::reacts_to<nothing>, caf::reacts_to<turn_over>>;
struct speaker_state {
  turn this_turn;
  std::string gathered;
};

speaker_actor::behavior_type speaker(
    speaker_actor::stateful_pointer<speaker_state> self, words* said) {
  const auto say = [=] {
    said->push_back(std::exchange(self->state.gathered, {}));
  };
  return {
      [=](const word& w) {
        self->state.gathered += w.letter;
        self->state.this_turn.gather();
        self->state.this_turn.handled<turn_over, speaker_actor>(self, say);
      },
      [](const nothing&) {},
      [=](const turn_over&) { self->state.this_turn.ended(say); },
  };
}

using sleeper_actor = caf::typed_actor<caf::reacts_to<set_alarm>, caf::reacts_to<ring>>;
struct sleeper_state {
  alarm next;
};

sleeper_actor::behavior_type sleeper(
    sleeper_actor::stateful_pointer<sleeper_state> self, sim::world* at, words* rang) {
  return {
      [=](const set_alarm& a) {
        self->state.next.set<ring>(self, sleeper_actor{self}, self->clock().now() + a.in);
      },
      [=](const ring& r) {
        if (self->state.next.rings(r)) rang->push_back(sim::show_time(at->now()));
      },
  };
}

struct alone : testing::Test {
  sim::world at{1};
  sim::process life{at, "n1", sim::local_clock{}};
  words told;
  ~alone() override { life.kill(); }
  void pass(sim::sim_duration time) { at.run_until(at.now() + time); }
};

using turns = alone;
using alarms = alone;

TEST_F(turns, what_waits_is_passed_on_together) {
  const auto subject = life.system().spawn(speaker, &told);
  for (const char letter : {'a', 'b', 'c'})
    caf::anon_send(subject, word{letter});
  pass(1 * sim::millisecond);
  EXPECT_EQ(told, words{"abc"});
  caf::anon_send(subject, word{'d'});
  pass(1 * sim::millisecond);
  EXPECT_EQ(told, (words{"abc", "d"}));
}

TEST_F(turns, end_though_the_last_message_brings_nothing) {
  const auto subject = life.system().spawn(speaker, &told);
  for (int i = 0; i < 3; ++i) {
    caf::anon_send(subject, word{'a'});
    caf::anon_send(subject, nothing{});
    pass(1 * sim::millisecond);
  }
  EXPECT_EQ(told, (words{"a", "a", "a"}));
}

TEST_F(alarms, ring_once_at_the_earliest_time_that_was_asked_for) {
  const auto subject = life.system().spawn(sleeper, &at, &told);
  for (const int ms : {500, 200, 300})
    caf::anon_send(subject, set_alarm{std::chrono::milliseconds{ms}});
  pass(1 * sim::second);
  EXPECT_EQ(told, words{"0.200000s"});
  caf::anon_send(subject, set_alarm{std::chrono::milliseconds{50}});
  pass(1 * sim::second);
  EXPECT_EQ(told, (words{"0.200000s", "1.050000s"}));
}

}  // namespace
}  // namespace atomix::actors

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(atomix::actors::word)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(atomix::actors::nothing)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(atomix::actors::turn_over)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(atomix::actors::set_alarm)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(atomix::actors::ring)
