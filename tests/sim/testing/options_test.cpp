// SPDX-License-Identifier: Apache-2.0
// What cannot be run says so, and the environment decides first.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <string>

#include "tests/sim/testing/bank_program.hpp"

namespace bank {
namespace {

simulated::options one_run() {
  simulated::options how;
  how.runs = 1;
  how.time = std::chrono::seconds{2};
  how.directory = "";
  return how;
}

class variable {
 public:
  variable(const char* name, const std::string& value) : name_(name) {
    setenv(name, value.c_str(), 1);
  }
  variable(const variable&) = delete;
  variable& operator=(const variable&) = delete;
  ~variable() { unsetenv(name_); }

 private:
  const char* name_;
};

void expect_refused(const simulated::result& r, const std::string& reason) {
  ASSERT_FALSE(r.ok());
  EXPECT_EQ(r.found->claim, "options");
  EXPECT_NE(r.found->sentence.find(reason), std::string::npos) << r;
  EXPECT_EQ(r.runs, 0U);
}

TEST(options, that_cannot_be_say_which) {
  simulated::options how = one_run();
  how.faults = "killed,eaten";
  expect_refused(simulated::check(experiment_with<machine>, how), "\"eaten\"");
  how = one_run();
  how.nodes = 10;
  expect_refused(simulated::check(experiment_with<machine>, how), "from 1 to 9");
  how = one_run();
  how.time = std::chrono::milliseconds{1};
  expect_refused(simulated::run(experiment_with<machine>, how), "100 ms");
  expect_refused(
      simulated::check([] { return simulated::experiment{}; }, one_run()), "needs a program");
  expect_refused(simulated::replay(experiment_with<machine>, "{"), "not a scenario");
}

TEST(environment, chooses_one_seed) {
  const variable seed{"ATOMIX_SEED", "17"};
  const auto r = simulated::check(experiment_with<machine>, one_run());
  ASSERT_TRUE(r.ok()) << r;
  EXPECT_EQ(r.seed, 17U);
  EXPECT_EQ(r.runs, 1U);
}

TEST(environment, chooses_how_many) {
  const variable runs{"ATOMIX_RUNS", "3"};
  EXPECT_EQ(simulated::check(experiment_with<machine>, one_run()).runs, 3U);
}

TEST(environment, that_is_wrong_is_refused) {
  const variable seed{"ATOMIX_SEED", "seventeen"};
  expect_refused(simulated::check(experiment_with<machine>, one_run()), "seventeen");
  unsetenv("ATOMIX_SEED");
  const variable file{"ATOMIX_REPLAY", "/no/such/file"};
  expect_refused(simulated::check(experiment_with<machine>, one_run()), "/no/such/file");
}

TEST(environment, writes_the_trace_of_a_seed) {
  const std::string path = testing::TempDir() + "atomix_trace";
  {
    const variable seed{"ATOMIX_SEED", "2"};
    const variable trace{"ATOMIX_TRACE", path};
    const auto r = simulated::check(experiment_with<machine>, one_run());
    ASSERT_TRUE(r.ok()) << r;
  }
  std::ifstream file{path};
  std::size_t lines = 0;
  for (std::string line; std::getline(file, line);)
    ++lines;
  EXPECT_GT(lines, 300U);
}

}  // namespace
}  // namespace bank
