// SPDX-License-Identifier: Apache-2.0
// A user's resource that is right: clean under all faults, and really used.
#include <gtest/gtest.h>

#include "tests/sim/testing/bank_program.hpp"

namespace bank {
namespace {

simulated::options short_runs() {
  simulated::options how;
  how.runs = 60;
  how.time = std::chrono::seconds{10};
  how.directory = "";
  return how;
}

TEST(bank, keeps_its_money_whatever_happens) {
  const auto r = simulated::check(experiment_with<machine>, short_runs());
  ASSERT_TRUE(r.ok()) << r;
  // Faults that never happen, and clients that never get anything done, prove nothing.
  EXPECT_EQ(r.runs, 60U);
  EXPECT_GT(r.sums.acknowledged, 2'000U);
  EXPECT_GT(r.sums.failed, 20U);
  EXPECT_GT(r.sums.unknown, 5U);
  EXPECT_GT(r.sums.restarts, 20U);
  EXPECT_GT(r.sums.faults.size(), 20U);
}

TEST(bank, a_seed_gives_the_same_run) {
  simulated::options how = short_runs();
  how.seed = 5;
  const auto once = simulated::run(experiment_with<machine>, how);
  const auto again = simulated::run(experiment_with<machine>, how);
  ASSERT_TRUE(once.ok()) << once;
  EXPECT_EQ(once.trace_hash, again.trace_hash);
  how.seed = 6;
  EXPECT_NE(simulated::run(experiment_with<machine>, how).trace_hash, once.trace_hash);
}

simulated::experiment with_callbacks() {
  simulated::experiment e;
  e.machine<machine>().callbacks("deposit", [](simulated::client& c, std::function<void()> done) {
    c.get<handle>("savings").deposit("alice", 1).then([&c, done = std::move(done)](const auto&) {
      c.pass(std::chrono::milliseconds{50}).then([done](const auto&) { done(); });
    });
  });
  return e;
}

TEST(bank, can_be_used_with_callbacks) {
  const auto r = simulated::check(with_callbacks, short_runs());
  ASSERT_TRUE(r.ok()) << r;
  EXPECT_GT(r.sums.acknowledged, 1'000U);
}

simulated::experiment with_a_long_program() {
  const auto body = [](simulated::client& c) -> simulated::task<> {
    while (!c.stopping()) {
      static_cast<void>(co_await c.get<handle>("savings").deposit("alice", 1));
      static_cast<void>(co_await c.pass(std::chrono::milliseconds{100}));
    }
  };
  simulated::experiment e;
  e.machine<machine>().program("on and on", body);
  return e;
}

TEST(bank, can_be_used_by_programs_that_go_on_and_on) {
  const auto r = simulated::check(with_a_long_program, short_runs());
  ASSERT_TRUE(r.ok()) << r;
  EXPECT_GT(r.sums.acknowledged, 2'000U);
}

}  // namespace
}  // namespace bank
