// SPDX-License-Identifier: Apache-2.0
// Faults that wait for their prey: they find it, in every play alike, and nowhere else.
#include "sim/repro.hpp"
#include "sim/run.hpp"

#include <gtest/gtest.h>

#include <string>

namespace atomix::sim {
namespace {

scenario hunt_of(fault_kind kind, std::uint64_t seed, std::uint64_t detail) {
  scenario s = draw_scenario({seed, 10 * second, 5, 3, {}, false});
  s.cluster = {};
  s.faults.faults.push_back({kind, 1 * second, 8 * second, seed, 0, detail});
  return s;
}

run_report play(const scenario& s) {
  const run_report report = run(s, {});
  for (const violation& v : report.violations)
    ADD_FAILURE() << "seed " << s.seed << ": " << v.property << ": " << v.sentence;
  return report;
}

TEST(hunt, leaders_are_struck_one_after_the_other) {
  std::uint64_t elections = 0;
  std::uint64_t struck = 0;
  for (std::uint64_t detail = 0; detail < 10; ++detail) {
    const run_report report = play(hunt_of(fault_kind::hunted_leader, 1 + detail, detail));
    elections += report.elections;
    struck += report.fired.at(fault_kind::hunted_leader);
  }
  EXPECT_GT(struck, 50U);
  EXPECT_GT(elections, 40U);
}

TEST(hunt, candidates_are_found_once_somebody_must_be_elected) {
  std::uint64_t struck = 0;
  for (std::uint64_t detail = 0; detail < 10; ++detail) {
    scenario s = hunt_of(fault_kind::hunted_candidate, 1 + detail, detail);
    for (std::uint64_t i = 0; i < 4; ++i)
      s.faults.faults.push_back(
          {fault_kind::isolated_leader, (2 + 2 * i) * second, 1 * second, 0, 0, 0});
    struck += play(s).fired[fault_kind::hunted_candidate];
  }
  EXPECT_GT(struck, 20U);
}

TEST(hunt, newcomers_are_struck_once_each) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    scenario s = hunt_of(fault_kind::hunted_newcomer, seed, 0);
    s.faults.faults.front().start = 0;
    const run_report report = play(s);
    // Each stands still, and then is cut off.
    EXPECT_EQ(report.fired.at(fault_kind::hunted_newcomer), 2 * s.cluster.clients);
  }
}

TEST(hunt, strikes_the_same_in_a_play_of_what_was_written) {
  const scenario drawn = hunt_of(fault_kind::hunted_leader, 7, 5);
  const auto read = parse_repro(to_json({drawn, "", "", ""}));
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(play(read->what).trace_hash, play(drawn).trace_hash);
}

TEST(hunt, who_leads_alone_is_struck_too) {
  scenario s = hunt_of(fault_kind::hunted_leader, 3, 1);
  s.cluster.replicas = 1;
  EXPECT_GT(play(s).fired.at(fault_kind::hunted_leader), 0U);
}

}  // namespace
}  // namespace atomix::sim
