// SPDX-License-Identifier: Apache-2.0
// Whole runs: the same everywhere, clean for many seeds, and not blind.
#include "sim/run.hpp"

#include <absl/strings/str_cat.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <string>

namespace atomix::sim {
namespace {

std::string explain(const run_report& report) {
  std::string text;
  for (const violation& v : report.violations)
    absl::StrAppend(&text, show_time(v.at), " ", v.where, ": ", v.property, ": ", v.sentence, "\n");
  return text;
}

/// What another process prints, with `environment` in front of its command line (a variable, and
/// what sets the process up).
std::string output_of(const std::string& environment, const std::string& arguments) {
  const std::string command = absl::StrCat(environment, " ", ATOMIX_ONE_SEED, " ", arguments);
  std::FILE* const pipe = popen(command.c_str(), "r");
  std::string output;
  std::array<char, 256> part{};
  while (pipe != nullptr && std::fgets(part.data(), part.size(), pipe) != nullptr)
    output += part.data();
  if (pipe != nullptr) pclose(pipe);
  return output;
}

/// Whether a run in another process finds something.
bool ends_badly(const std::string& arguments) {
  std::FILE* const pipe = popen(absl::StrCat(ATOMIX_ONE_SEED, " ", arguments).c_str(), "r");
  std::array<char, 256> part{};
  while (pipe != nullptr && std::fgets(part.data(), part.size(), pipe) != nullptr) {
  }
  return pipe == nullptr || pclose(pipe) != 0;
}

/// Most seeds of the campaign below, in parts that an unoptimised build runs through in time.
class determinism_of : public ::testing::TestWithParam<int> {};

TEST_P(determinism_of, seeds_whose_traces_are_the_same_in_two_processes) {
  // Memory that is laid out and filled differently, and an environment of another size, must not
  // matter.
  const std::string seeds = absl::StrCat(GetParam(), " ", GetParam() + 49, " 12");
  const std::string once = output_of("MALLOC_PERTURB_=85 setarch -R", seeds);
  const std::string again = output_of("ATOMIX_IRRELEVANT=xxxxxxxxxxxxxxxxxxxxxxx", seeds);
  EXPECT_GT(once.size(), 750U);
  EXPECT_EQ(once, again);
}

INSTANTIATE_TEST_SUITE_P(campaign, determinism_of, ::testing::Values(1, 51, 101, 151));

TEST(determinism, another_seed_gives_another_trace) {
  run_options options;
  options.time = 2 * second;
  const run_report one = run(options);
  options.seed = 2;
  EXPECT_NE(one.trace_hash, run(options).trace_hash);
}

TEST(determinism, reading_the_trace_changes_nothing) {
  run_options options;
  options.time = 3 * second;
  const run_report silent = run(options);
  std::size_t lines = 0;
  options.trace = [&](const std::string&) {
    ++lines;
  };
  EXPECT_EQ(run(options).trace_hash, silent.trace_hash);
  EXPECT_GT(lines, 1'000U);
}

TEST(campaign, two_hundred_and_fifty_seeds_are_clean) {
  run_report all;
  for (std::uint64_t seed = 1; seed <= 250; ++seed) {
    run_options options;
    options.seed = seed;
    options.time = 12 * second;
    const run_report report = run(options);
    ASSERT_TRUE(report.ok()) << "seed " << seed << "\n" << explain(report);
    all.clients.acknowledged += report.clients.acknowledged;
    all.elections += report.elections;
    all.restarts += report.restarts;
    for (const auto& [kind, count] : report.fired)
      all.fired[kind] += count;
    for (const auto& [kind, count] : report.mattered)
      all.mattered[kind] += count;
    for (std::size_t i = 0; i < probes; ++i)
      all.probed[i] += report.probed[i];
  }
  // The rarest situations take thousands of runs.
  EXPECT_LT(std::count(all.probed.begin(), all.probed.end(), 0U), 12);
  // Faults that never happen, and clients that never get anything done, prove nothing.
  EXPECT_GT(all.clients.acknowledged, 60'000U);
  EXPECT_GT(all.elections, 400U);
  EXPECT_GT(all.restarts, 200U);
  for (const fault_kind kind : all_fault_kinds())
    EXPECT_GT(all.fired[kind], 10U) << to_string(kind);
  for (const fault_kind kind : all_fault_kinds()) {
    EXPECT_GT(all.mattered[kind], 3U) << to_string(kind);
    EXPECT_LE(all.mattered[kind], all.fired[kind]) << to_string(kind);
  }
}

TEST(campaign, one_node_and_two_and_three_work_as_well) {
  for (const std::size_t nodes : {1U, 2U, 3U}) {
    for (std::uint64_t seed = 1; seed <= 8; ++seed) {
      run_options options;
      options.seed = seed;
      options.time = 5 * second;
      options.nodes = nodes;
      const run_report report = run(options);
      ASSERT_TRUE(report.ok()) << nodes << " nodes, seed " << seed << "\n" << explain(report);
    }
  }
}

TEST(planted_bug, disks_that_lie_about_syncs_are_found) {
  std::size_t found = 0;
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    const std::string arguments = absl::StrCat(seed, " ", seed, " 10 lie 2>/dev/null");
    if (ends_badly(arguments)) ++found;
  }
  EXPECT_GE(found, 8U);
}

TEST(planted_bug, the_same_seeds_are_clean_without_it) {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    run_options options;
    options.seed = seed;
    options.time = 10 * second;
    options.faults = {fault_kind::blackout, fault_kind::power_loss};
    const run_report report = run(options);
    ASSERT_TRUE(report.ok()) << "seed " << seed << "\n" << explain(report);
  }
}

}  // namespace
}  // namespace atomix::sim
