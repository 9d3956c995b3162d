// SPDX-License-Identifier: Apache-2.0
// RapidCheck draws the plans, and shrinks them as we do.
#include "sim/testing/rapidcheck.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <string>

#include "tests/sim/testing/bank_program.hpp"

namespace bank {
namespace {

simulated::options short_runs() {
  simulated::options how;
  how.time = std::chrono::seconds{4};
  how.clients = 2;
  return how;
}

RC_GTEST_PROP(property, a_bank_is_linearizable_and_keeps_its_money, ()) {
  const auto plan = *simulated::plans(experiment_with<machine>, short_runs());
  const auto r = simulated::run(experiment_with<machine>, plan);
  if (!r.ok()) RC_FAIL(r.text());
}

simulated::experiment with_a_limit() {
  simulated::experiment e;
  e.invariant<machine>("carol stays poor", [](const machine& m) {
     return m.balance("carol") < 150;
   }).program("deposit", [](simulated::client& c) {
    return deposit(c, std::make_shared<paid_in>());
  });
  return e;
}

// Carol gets 100 at most at once: it takes two deposits or three, and nothing else.
TEST(property, that_fails_shrinks_to_what_matters) {
  simulated::options how = short_runs();
  for (how.seed = 1; simulated::run(with_a_limit, how).ok(); ++how.seed)
    ASSERT_LT(how.seed, 50U);
  // What RapidCheck does: the first smaller one that fails, and so on.
  simulated::plan failing = simulated::draw_plan(with_a_limit, how);
  for (bool smaller = true; smaller;) {
    smaller = false;
    for (const simulated::plan& each : failing.smaller()) {
      if (simulated::run(with_a_limit, each).ok()) continue;
      failing = each;
      smaller = true;
      break;
    }
  }
  const std::string text = failing.to_string();
  EXPECT_NE(text.find(" 1 replicas, "), std::string::npos) << text;
  EXPECT_NE(text.find(" 0 faults, calm"), std::string::npos) << text;
  EXPECT_LE(std::count(text.begin(), text.end(), '\n'), 5) << text;
}

}  // namespace
}  // namespace bank
