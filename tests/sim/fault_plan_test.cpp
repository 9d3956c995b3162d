// SPDX-License-Identifier: Apache-2.0
#include "sim/fault_plan.hpp"

#include "sim/fault_shapes.hpp"

#include <gtest/gtest.h>

#include <map>

namespace atomix::sim {
namespace {

plan_limits all_kinds() {
  const auto& all = all_fault_kinds();
  return {30 * second, 5, 3, {all.begin(), all.end()}};
}

TEST(fault_plan, is_a_function_of_its_seed) {
  const std::string one = draw_fault_plan(prng{7}, all_kinds()).to_string();
  EXPECT_EQ(one, draw_fault_plan(prng{7}, all_kinds()).to_string());
  EXPECT_NE(one, draw_fault_plan(prng{8}, all_kinds()).to_string());
}

TEST(fault_plan, every_kind_comes_up_within_two_hundred_seeds) {
  std::map<fault_kind, int> seen;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    for (const fault& f : draw_fault_plan(prng{seed}, all_kinds()).faults)
      ++seen[f.kind];
  }
  for (const fault_kind kind : all_fault_kinds())
    EXPECT_GT(seen[kind], 20) << to_string(kind);
}

TEST(fault_plan, no_fault_lasts_beyond_its_time_or_is_of_another_kind) {
  plan_limits limits = all_kinds();
  limits.kinds = {fault_kind::killed, fault_kind::halves};
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    sim_time before = 0;
    for (const fault& f : draw_fault_plan(prng{seed}, limits).faults) {
      EXPECT_LE(before, f.start);
      EXPECT_LE(f.start + f.duration, limits.duration);
      EXPECT_TRUE(limits.kinds.contains(f.kind));
      before = f.start;
    }
  }
}

TEST(fault_plan, what_lasts_spares_a_majority_and_its_links) {
  std::map<fault_kind, int> seen;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    plan_limits limits = all_kinds();
    limits.replicas = 3 + seed % 5;
    const auto f = draw_lasting_fault(prng{seed}, limits, 10 * second);
    ASSERT_TRUE(f);
    EXPECT_TRUE(spares_majority(*f, limits.replicas)) << seed;
    EXPECT_EQ(f->start + f->duration, limits.duration);
    ++seen[f->kind];
    for (const auto& [from, to] : blocked_by(*f, {limits.replicas, limits.clients}, {})) {
      EXPECT_TRUE((((f->group >> from) | (f->group >> to)) & 1U) != 0) << "among the others";
      EXPECT_TRUE(from < limits.replicas && to < limits.replicas) << "a client's";
    }
  }
  EXPECT_EQ(seen.size(), 4U);
}

TEST(fault_plan, nothing_lasts_where_there_is_no_minority) {
  plan_limits limits = all_kinds();
  limits.replicas = 2;
  EXPECT_FALSE(draw_lasting_fault(prng{1}, limits, 0));
  limits.replicas = 5;
  limits.kinds = {fault_kind::blackout};
  EXPECT_FALSE(draw_lasting_fault(prng{1}, limits, 0));
  EXPECT_FALSE(spares_majority({.kind = fault_kind::killed, .group = 0b111}, 5));
  EXPECT_TRUE(spares_majority({.kind = fault_kind::killed, .group = 0b101}, 5));
}

TEST(fault_plan, names_are_read_and_unknown_ones_refused_with_those_there_are) {
  EXPECT_EQ(parse_fault_kinds("all")->size(), all_fault_kinds().size());
  EXPECT_TRUE(parse_fault_kinds("none")->empty());
  EXPECT_EQ(
      *parse_fault_kinds("killed,slow-disk"),
      (std::set<fault_kind>{fault_kind::killed, fault_kind::slow_disk}));
  const auto refused = parse_fault_kinds("killed,earthquake");
  ASSERT_FALSE(refused.ok());
  EXPECT_NE(refused.status().message().find("earthquake"), std::string::npos);
  EXPECT_NE(refused.status().message().find("power-loss"), std::string::npos);
}

}  // namespace
}  // namespace atomix::sim
