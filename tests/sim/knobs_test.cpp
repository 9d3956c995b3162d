// SPDX-License-Identifier: Apache-2.0
// Sizes, limits and timeouts: drawn for some runs, written to files, set back by shrinkers.
#include "sim/knobs.hpp"

#include "sim/repro.hpp"
#include "sim/run.hpp"
#include "sim/scenario_moves.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <set>
#include <string>

namespace atomix::sim {
namespace {

std::map<std::string, std::uint64_t> values_of(const cluster_options& o) {
  std::map<std::string, std::uint64_t> values;
  each_knob(o, [&](const char* name, const auto& number) { values[name] = number; });
  return values;
}

/// Everything at its least.
scenario tiny(std::uint64_t seed) {
  const auto& all = all_fault_kinds();
  scenario s = draw_scenario({seed, 6 * second, 5, 3, {all.begin(), all.end()}, false});
  s.network = {};
  s.cluster.timing.election_ticks = 5;
  s.cluster.timing.heartbeat_ticks = 1;
  s.cluster.timing.append_bytes_max = 1;
  s.cluster.timing.inflight_bytes_max = 1;
  s.cluster.timing.cache_bytes_max = 1;
  s.cluster.segment_bytes = 4U << 10U;
  s.cluster.sessions = {8, 4};
  s.cluster.grain = 5 * millisecond;
  s.cluster.step = 25 * microsecond;
  return s;
}

TEST(knobs, each_is_usual_in_many_runs_and_turned_in_many_others) {
  const auto usual = values_of({});
  std::map<std::string, int> as_usual;
  std::map<std::string, int> turned;
  for (std::uint64_t seed = 1; seed <= 400; ++seed) {
    const std::set<fault_kind> kinds{fault_kind::power_loss};
    const scenario drawn = draw_scenario({seed, 1 * second, 5, 3, kinds, false});
    EXPECT_TRUE(are_sound(drawn.cluster));
    for (const auto& [name, value] : values_of(drawn.cluster)) {
      if (value == usual.at(name)) ++as_usual[name];
      if (value != usual.at(name)) ++turned[name];
    }
  }
  ASSERT_EQ(usual.size(), count_of_knobs());
  for (const auto& [name, value] : usual) {
    EXPECT_GT(as_usual[name], 40) << name;
    EXPECT_GT(turned[name], 20) << name;
  }
}

// Else clients wait for each other: with 5 ms a hop a call of seed 1164 took 1.7 s, without fault.
TEST(knobs, an_entry_at_a_time_is_sent_only_where_hops_are_short) {
  int short_ones = 0;
  for (std::uint64_t seed = 1; seed <= 400; ++seed) {
    const scenario drawn = draw_scenario({seed, 1 * second, 5, 3, {}, false});
    const auto& t = drawn.cluster.timing;
    if (t.append_bytes_max > 1 && t.inflight_bytes_max > 1) continue;
    ++short_ones;
    EXPECT_LE(drawn.cluster.grain, 1 * millisecond) << "seed " << seed;
    EXPECT_LE(drawn.network.base, 400 * microsecond) << "seed " << seed;
  }
  EXPECT_GT(short_ones, 20);
}

TEST(knobs, limits_of_sessions_are_not_drawn_for_programs_of_users) {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    const scenario drawn = draw_scenario({seed, 1 * second, 5, 3, {}, false, 1});
    EXPECT_EQ(drawn.cluster.sessions.replies_max, resources::session_limits{}.replies_max);
  }
}

TEST(knobs, with_the_least_of_everything_the_promises_hold) {
  run_report all;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const run_report report = run(tiny(seed), {});
    for (const violation& v : report.violations)
      ADD_FAILURE() << "seed " << seed << ": " << v.property << ": " << v.sentence;
    all.clients.acknowledged += report.clients.acknowledged;
    for (const auto& [point, count] : report.points)
      all.points[point] += count;
  }
  EXPECT_GT(all.clients.acknowledged, 1'000U);
  EXPECT_GT(all.points["log.segment_switched"], 100U);
}

TEST(knobs, with_each_start_cut_by_a_power_loss_the_promises_hold) {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    const std::set<fault_kind> kinds{fault_kind::power_loss, fault_kind::killed};
    scenario s = draw_scenario({seed, 6 * second, 3, 2, kinds, false});
    s.cluster.starts_until_cut = 1;
    const run_report report = run(s, {});
    for (const violation& v : report.violations)
      ADD_FAILURE() << "seed " << seed << ": " << v.property << ": " << v.sentence;
    EXPECT_GT(report.clients.acknowledged, 10U) << "seed " << seed;
  }
}

TEST(knobs, are_in_files_and_what_a_file_does_not_name_is_usual) {
  const scenario written = tiny(3);
  std::string text = to_json({written, "", "", ""});
  const auto read = parse_repro(text);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(values_of(read->what.cluster), values_of(written.cluster));
  const std::string line = "  \"segment_bytes\": 4096,\n";
  const auto at = text.find(line);
  ASSERT_NE(at, std::string::npos);
  text.erase(at, line.size());
  const auto older = parse_repro(text);
  ASSERT_TRUE(older.ok()) << older.status();
  EXPECT_EQ(older->what.cluster.segment_bytes, cluster_options{}.segment_bytes);
}

TEST(knobs, timeouts_that_do_not_fit_together_are_refused) {
  scenario s = tiny(3);
  s.cluster.timing.heartbeat_ticks = 5;
  EXPECT_TRUE(absl::IsInvalidArgument(parse_repro(to_json({s, "", "", ""})).status()));
}

TEST(knobs, are_set_back_all_together_or_one_by_one) {
  scenario s = tiny(3);
  s.cluster = {};
  EXPECT_TRUE(more_usual(s).empty());
  s.cluster.timing.append_bytes_max = 1;
  s.cluster.segment_bytes = 4U << 10U;
  const auto found = more_usual(s);
  ASSERT_EQ(found.size(), 3U);
  EXPECT_EQ(values_of(found[0].cluster), values_of({}));
  EXPECT_EQ(found[1].cluster.segment_bytes, s.cluster.segment_bytes);
  EXPECT_EQ(found[2].cluster.timing.append_bytes_max, 1U);
  // The other timeout would be too long for it.
  s.cluster = {};
  s.cluster.timing.election_ticks = 5;
  s.cluster.timing.heartbeat_ticks = 1;
  EXPECT_EQ(more_usual(s).size(), 2U);
}

}  // namespace
}  // namespace atomix::sim
