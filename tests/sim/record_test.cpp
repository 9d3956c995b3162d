// SPDX-License-Identifier: Apache-2.0
// What a run that is written down leaves for its report.
#include "sim/checker/read_history.hpp"
#include "sim/recorded_history.hpp"
#include "sim/recorder.hpp"
#include "sim/report/history.hpp"
#include "sim/report/text_sink.hpp"
#include "sim/run.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace atomix::sim {
namespace {

run_report recorded(std::uint64_t seed, sim_duration time) {
  run_options options;
  options.seed = seed;
  options.time = time;
  options.record = true;
  return run(options);
}

TEST(record, writing_a_run_down_changes_nothing) {
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    run_options options;
    options.seed = seed;
    options.time = 6 * second;
    EXPECT_EQ(run(options).trace_hash, recorded(seed, options.time).trace_hash) << seed;
  }
}

TEST(record, the_same_run_gives_the_same_history) {
  const auto text = [] {
    string_sink out;
    write_history(*recorded(3, 4 * second).record, out);
    return out.text();
  };
  EXPECT_EQ(text(), text());
}

// Whoever runs `atomix check` on the file judges the same calls.
TEST(record, the_history_that_is_judged_is_the_one_that_is_written) {
  std::size_t calls = 0;
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    const run_report report = recorded(seed, 15 * second);
    const run_record& record = *report.record;
    string_sink text;
    write_history(record, text);
    checker::read_options options;
    options.nil = checker::nil_result::observed;
    const auto read = checker::read_history(text.text(), "history.edn", options);
    ASSERT_TRUE(read.ok()) << read.status();
    const recorded_history judged = history_of(record);
    ASSERT_EQ(judged.history.operations.size(), read->operations.size()) << seed;
    EXPECT_EQ(judged.history.operations, read->operations) << seed;
    calls += judged.calls.size();
  }
  EXPECT_GT(calls, 2'000U);
}

// The checker knows nothing of the log: that it agrees says that calls, their order and what ended
// sessions gave back are told rightly.
TEST(record, the_checker_agrees_that_valid_runs_are_linearizable) {
  std::size_t granted = 0;
  for (std::uint64_t seed = 1; seed <= 25; ++seed) {
    // A minute is long enough for sessions to end while something is on its way to them.
    const run_report report = recorded(seed, seed < 4 ? 60 * second : 10 * second);
    ASSERT_TRUE(report.ok()) << seed;
    const run_record& r = *report.record;
    EXPECT_EQ(r.statistics.at("history").substr(0, 13), "linearizable,") << seed;
    for (const call_bar& c : r.calls) {
      EXPECT_FALSE(c.impossible) << c.why;
      if (c.model == "lock" && c.f == "acquire" && c.outcome == call_outcome::ok) ++granted;
    }
  }
  EXPECT_GT(granted, 100U);
}

TEST(record, tells_of_all_that_happened) {
  const run_report report = recorded(1, 20 * second);
  const run_record& r = *report.record;
  EXPECT_EQ(r.lanes.size(), report.played.cluster.replicas + report.played.cluster.clients);
  EXPECT_GT(r.messages.size(), 1'000U);
  EXPECT_GT(r.disk.size(), 100U);
  // What was saved and not committed in the end is told of, too.
  const auto last = std::find_if(r.entries.rbegin(), r.entries.rend(), [](const log_entry& e) {
    return std::any_of(
        e.committed.begin(), e.committed.end(), [](const auto& at) { return at.has_value(); });
  });
  ASSERT_NE(last, r.entries.rend());
  EXPECT_EQ(last->index, report.committed);
  EXPECT_GE(r.faults.size(), report.fired.size());
  EXPECT_TRUE(r.left_out.empty());
  const auto led = std::count_if(r.roles.begin(), r.roles.end(), [](const role_span& s) {
    return s.role == "leader" && s.term > 0;
  });
  EXPECT_GE(static_cast<std::uint64_t>(led), 1U);
  const auto swallowed = std::any_of(r.messages.begin(), r.messages.end(), [](const auto& m) {
    return m.fate == message_fate::swallowed;
  });
  EXPECT_TRUE(swallowed);
}

TEST(record, of_what_there_is_most_of_the_newest_is_kept) {
  world w{1};
  recorder r{w, {.messages = 3, .disk = 3, .lines = 3, .entries = 3, .roles = 3}};
  r.add_lane("n1", true);
  r.add_lane("n2", true);
  for (int i = 0; i < 10; ++i) {
    static_cast<void>(r.sent(0, 1, 5, "no frame"));
    r.line(trace_kind::log, process_id{}, std::to_string(i));
  }
  run_record record;
  r.fill(record);
  EXPECT_EQ(record.messages.size(), 3U);
  EXPECT_EQ(record.log.back().text, "9");
  EXPECT_EQ(
      record.left_out,
      (std::vector<std::string>{"the first 7 messages", "the first 7 lines of the trace"}));
}

}  // namespace
}  // namespace atomix::sim
