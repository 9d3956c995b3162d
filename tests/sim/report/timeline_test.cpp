// SPDX-License-Identifier: Apache-2.0
#include "sim/report/timeline.hpp"

#include <gtest/gtest.h>

#include "tests/sim/report/sample_record.hpp"

namespace atomix::sim {
namespace {

std::string page_of(const run_record& record) {
  string_sink out;
  write_timeline(record, out);
  return out.text();
}

std::size_t occurrences(const std::string& text, std::string_view of) {
  std::size_t count = 0;
  for (std::size_t at = 0; (at = text.find(of, at)) != std::string::npos; at += of.size())
    ++count;
  return count;
}

TEST(timeline_test, stands_alone) {
  const std::string page = page_of(sample_record());
  for (const char* foreign : {"http:", "https:", "src=", "@import", "url(", "fetch("})
    EXPECT_EQ(occurrences(page, foreign), 0U) << foreign;
  EXPECT_EQ(occurrences(page, "@script@"), 0U);
  EXPECT_EQ(occurrences(page, "@style@"), 0U);
  EXPECT_EQ(occurrences(page, ATOMIX_SOURCE_DIR), 0U);
}

TEST(timeline_test, no_text_of_the_run_is_markup) {
  const std::string evil = "</script></title><img src=x onerror=alert(1)>";
  const std::size_t ends = occurrences(page_of({}), "</script>");
  run_record record;
  record.title = record.command = record.build = record.plan = record.repro = evil;
  record.findings = {{evil, evil, evil, 1}};
  record.statistics = {{evil, evil}};
  record.lanes = {{evil, true}};
  record.roles = {{0, 0, 1, evil, 1}};
  record.messages = {{0, 0, 0, 1, message_fate::lost, evil}};
  record.faults = {{evil, 0, 1, {0}, evil}};
  record.calls = {{0, 1, evil, evil, evil, evil, 0, 1, call_outcome::ok, 1, true, evil}};
  record.log = {{0, 1, evil, evil}};
  record.entries = {{1, 1, evil, {1}, {true}}};
  const std::string page = page_of(record);
  EXPECT_EQ(occurrences(page, "</script>"), ends);
  EXPECT_EQ(occurrences(page, "<img"), 0U);
}

TEST(timeline_test, numbers_that_javascript_would_round_are_text) {
  run_record record;
  record.seed = 18446744073709551615U;
  record.trace_hash = 18446744073709551615U;
  const std::string page = page_of(record);
  EXPECT_NE(page.find("\"seed\":\"18446744073709551615\""), std::string::npos);
  EXPECT_NE(page.find("\"hash\":\"ffffffffffffffff\""), std::string::npos);
}

TEST(timeline_test, each_text_is_written_once) {
  run_record record;
  record.lanes = {{"n1", true}};
  for (sim_time at = 0; at < 100; ++at)
    record.log.push_back({0, at, "raft", "again and again"});
  EXPECT_EQ(occurrences(page_of(record), "again and again"), 1U);
}

}  // namespace
}  // namespace atomix::sim
