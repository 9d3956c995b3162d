// SPDX-License-Identifier: Apache-2.0
// Scenarios: explicit, stable when parts are taken away, written and read, made small.
#include "sim/shrink.hpp"

#include "sim/divergence.hpp"
#include "sim/repro.hpp"
#include "sim/scenario_moves.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>

namespace atomix::sim {
namespace {

scenario draw(std::uint64_t seed, sim_duration time, std::set<fault_kind> kinds) {
  return draw_scenario({seed, time, 5, 3, std::move(kinds), false});
}

/// Disks that lie lose what was acknowledged: a failure to make small.
run_report failing_run() {
  run_options options;
  options.time = 10 * second;
  options.faults = {fault_kind::blackout, fault_kind::power_loss, fault_kind::halves};
  options.disks_lie = true;
  for (options.seed = 1; options.seed < 50; ++options.seed) {
    run_report report = run(options);
    if (!report.ok()) return report;
  }
  ADD_FAILURE() << "no seed fails";
  return {};
}

TEST(scenario, is_a_function_of_its_seed) {
  const auto all = all_fault_kinds();
  const std::set<fault_kind> kinds{all.begin(), all.end()};
  EXPECT_EQ(
      to_json({draw(3, 5 * second, kinds), "", "", ""}),
      to_json({draw(3, 5 * second, kinds), "", "", ""}));
  EXPECT_NE(
      to_json({draw(3, 5 * second, kinds), "", "", ""}),
      to_json({draw(4, 5 * second, kinds), "", "", ""}));
}

TEST(scenario, draws_all_sizes_of_clusters) {
  std::set<std::size_t> nodes;
  std::set<std::size_t> clients;
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    const scenario drawn = draw_scenario({seed, 1 * second, 0, 0, {}, false});
    nodes.insert(drawn.cluster.replicas);
    clients.insert(drawn.cluster.clients);
  }
  EXPECT_EQ(nodes, (std::set<std::size_t>{1, 2, 3, 4, 5, 6, 7}));
  EXPECT_EQ(clients, (std::set<std::size_t>{1, 2, 3, 4, 5, 6}));
}

TEST(scenario, plays_the_same_after_it_was_written_and_read) {
  const auto all = all_fault_kinds();
  const scenario drawn = draw(5, 4 * second, {all.begin(), all.end()});
  const auto read = parse_repro(to_json({drawn, "", "check", "what \"was\" seen"}));
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->sentence, "what \"was\" seen");
  EXPECT_EQ(read->what.calls, drawn.calls);
  EXPECT_EQ(run(read->what, {}).trace_hash, run(drawn, {}).trace_hash);
}

TEST(scenario, that_cannot_be_read_says_why) {
  EXPECT_TRUE(absl::IsInvalidArgument(parse_repro("{").status()));
  EXPECT_TRUE(absl::IsInvalidArgument(parse_repro("{\"format\": 2}").status()));
  std::string wrong = to_json({draw(1, second, {fault_kind::killed}), "", "", ""});
  const auto at = wrong.find("\"killed\"");
  if (at != std::string::npos) wrong.replace(at, 8, "\"eaten\"");
  EXPECT_EQ(parse_repro(wrong).ok(), at == std::string::npos);
}

// A crash hits a call, which needs neither the call before it nor the other fault. RapidCheck gets
// there too, not only `--shrink`.
TEST(scenario, leaves_one_call_just_before_the_fault_that_hits_it) {
  scenario two = draw(1, 4 * second, {});
  two.calls = {{.at = 1 * second, .client = 0}, {.at = 2 * second, .client = 1}};
  two.faults.faults = {
      {.kind = fault_kind::killed, .start = 20 * millisecond},
      {.kind = fault_kind::killed, .start = 3 * second}};
  const auto starts_of = [](const std::vector<scenario>& all, std::size_t faults) {
    std::vector<std::pair<std::size_t, sim_time>> starts;
    for (const scenario& s : all) {
      EXPECT_EQ(s.calls.size(), 1U);
      EXPECT_EQ(s.faults.faults.size(), faults);
      starts.emplace_back(s.calls.front().client, s.calls.front().at / millisecond);
    }
    return starts;
  };
  using starts = std::vector<std::pair<std::size_t, sim_time>>;
  const auto fewer = with_one_call_before_a_fault(two);
  EXPECT_EQ(starts_of(fewer, 2), (starts{{0, 19},   {0, 18},   {0, 16},   {0, 12},   {0, 4},
                                         {0, 2999}, {0, 2998}, {0, 2996}, {0, 2992}, {0, 2984},
                                         {1, 19},   {1, 18},   {1, 16},   {1, 12},   {1, 4},
                                         {1, 2999}, {1, 2998}, {1, 2996}, {1, 2992}, {1, 2984}}));
  const auto one = with_one_call_before_a_fault(fewer.back());
  EXPECT_EQ(starts_of(one, 1).size(), 20U);
  // Each as long as it was, then so long that it does alone what others helped it to do.
  EXPECT_EQ(one[0].faults.faults[0].duration, fewer.back().faults.faults[0].duration);
  EXPECT_EQ(one[1].faults.faults[0].duration, 6 * second);
  EXPECT_GT(one[1].time, one[1].faults.faults[0].start + 6 * second);
  EXPECT_TRUE(with_one_call_before_a_fault(one.back()).empty()) << "or shrinking would never end";
  EXPECT_EQ(smaller_ones(two).back().calls, fewer.back().calls);
}

// The last fault is taken away: until it would have begun nothing is different.
TEST(noise, what_comes_before_a_removed_fault_stays_as_it_was) {
  const auto all = all_fault_kinds();
  scenario one = draw(8, 6 * second, {all.begin(), all.end()});
  while (one.faults.faults.size() < 2)
    one = draw(one.seed + 1, 6 * second, {all.begin(), all.end()});
  scenario other = one;
  const sim_time removed = other.faults.faults.back().start;
  other.faults.faults.pop_back();
  const auto lines_before = [&](const scenario& s) {
    std::vector<std::string> lines;
    run_options options;
    const std::string limit = show_time(removed);
    bool past = false;
    options.trace = [&](const std::string& line) {
      past = past || line.compare(0, limit.size(), limit) == 0;
      if (!past) lines.push_back(line);
    };
    static_cast<void>(run(s, options));
    return lines;
  };
  const auto first = lines_before(one);
  const auto second_play = lines_before(other);
  EXPECT_GT(first.size(), 10U);
  const auto common = std::min(first.size(), second_play.size());
  EXPECT_TRUE(std::equal(
      first.begin(), first.begin() + static_cast<std::ptrdiff_t>(common), second_play.begin()));
}

// From 2 to 5 s of ten; each fault and call as it was, and what is left of it.
TEST(without_time, closes_the_gap) {
  struct span {
    sim_time start;
    sim_duration duration;
  };
  struct row {
    const char* what;
    span before;
    std::optional<span> after;
  };
  const row rows[] = {
      {"before it", {0, 2}, span{0, 2}},
      {"reaches into it", {1, 2}, span{1, 1}},
      {"within it", {2, 3}, std::nullopt},
      {"goes on behind it", {4, 3}, span{2, 2}},
      {"around it", {1, 6}, span{1, 3}},
      {"behind it", {7, 2}, span{4, 2}}};
  for (const row& r : rows) {
    scenario s = draw(1, 10 * second, {});
    s.faults.faults = {
        {.kind = fault_kind::paused,
         .start = r.before.start * second,
         .duration = r.before.duration * second}};
    const scenario less = without_time(s, 2 * second, 5 * second);
    EXPECT_EQ(less.time, 7 * second) << r.what;
    ASSERT_EQ(less.faults.faults.size(), r.after ? 1U : 0U) << r.what;
    if (!r.after) continue;
    EXPECT_EQ(less.faults.faults[0].start, r.after->start * second) << r.what;
    EXPECT_EQ(less.faults.faults[0].duration, r.after->duration * second) << r.what;
  }
  scenario s = draw(1, 10 * second, {});
  s.calls = {{.at = 1 * second}, {.at = 2 * second}, {.at = 5 * second}};
  const scenario less = without_time(s, 2 * second, 5 * second);
  ASSERT_EQ(less.calls.size(), 2U);
  EXPECT_EQ(less.calls[1].at, 2 * second);
}

TEST(part, has_nothing_that_the_whole_has_not) {
  const auto all = all_fault_kinds();
  const scenario whole = draw(7, 20 * second, {all.begin(), all.end()});
  prng chance{1};
  std::set<std::size_t> replicas;
  std::set<sim_duration> lengths;
  for (int i = 0; i < 100; ++i) {
    const scenario part = part_of(whole, chance);
    replicas.insert(part.cluster.replicas);
    lengths.insert(part.time);
    EXPECT_LE(part.cluster.clients, whole.cluster.clients);
    EXPECT_LE(part.faults.faults.size(), whole.faults.faults.size());
    for (const planned_call& call : part.calls) {
      EXPECT_LT(call.at, part.time);
      EXPECT_TRUE(std::any_of(whole.calls.begin(), whole.calls.end(), [&](const planned_call& c) {
        return c.word == call.word && c.client == call.client && c.program == call.program;
      }));
    }
  }
  EXPECT_EQ(replicas, (std::set<std::size_t>{3, 5}));
  EXPECT_EQ(lengths, (std::set<sim_duration>{1 * second, 2 * second, 4 * second, 8 * second}));
}

TEST(shrink, keeps_the_same_violation_and_little_else) {
  const run_report report = failing_run();
  ASSERT_FALSE(report.ok());
  const shrunk small = shrink(report.played, report.violations.front(), {}, {});
  EXPECT_EQ(small.found.property, report.violations.front().property);
  EXPECT_LE(small.smallest.faults.faults.size(), 4U);
  EXPECT_LE(small.smallest.calls.size(), 6U);
  EXPECT_LE(small.smallest.cluster.replicas, 5U);
  const run_report again = run(small.smallest, {});
  ASSERT_FALSE(again.ok());
  EXPECT_EQ(again.violations.front().sentence, small.found.sentence);
  const std::string test = to_test({small.smallest, "", "c", "s"}, "lost");
  EXPECT_NE(test.find("TEST(regression, lost)"), std::string::npos);
}

TEST(divergence, is_not_there) {
  run_options options;
  options.checkpoints = true;
  const scenario drawn = draw(2, 3 * second, {fault_kind::killed});
  const run_report once = run(drawn, options);
  EXPECT_GT(once.checkpoints.size(), 3U);
  EXPECT_FALSE(find_divergence(drawn, options, once).has_value());
}

// A stand-in for a play that went another way.
TEST(divergence, is_found_at_the_first_checkpoint_that_differs) {
  run_options options;
  options.checkpoints = true;
  const scenario drawn = draw(2, 3 * second, {fault_kind::killed});
  run_report once = run(drawn, options);
  once.trace_hash ^= 1;
  once.checkpoints[2] ^= 1;
  const auto found = find_divergence(drawn, options, once);
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->checkpoint, 2U);
}

TEST(until, ends_a_run_after_so_many_events) {
  run_options options;
  options.time = 5 * second;
  options.until_event = 1'000;
  const run_report report = run(options);
  EXPECT_EQ(report.events + report.actor_steps, 1'000U);
  EXPECT_LT(report.simulated, 5 * second);
}

}  // namespace
}  // namespace atomix::sim
