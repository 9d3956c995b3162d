// SPDX-License-Identifier: Apache-2.0
#include "sim/report/history.hpp"

#include <gtest/gtest.h>

namespace atomix::sim {
namespace {

call_bar a_call(std::uint64_t process, sim_time call, sim_time ret, call_outcome outcome) {
  return {5, process, "lock", "acquire", "\"x\"", "7", call, ret, outcome, {}, false, ""};
}

std::string history_of(std::vector<call_bar> calls) {
  run_record record;
  record.calls = std::move(calls);
  string_sink out;
  write_history(record, out);
  return out.text();
}

TEST(history_test, a_line_for_the_call_and_one_for_its_end) {
  EXPECT_EQ(
      history_of({a_call(3, 10, 25, call_outcome::ok)}),
      "{:process 3, :type :invoke, :f :acquire, :value \"x\", :time 10, :index 0, "
      ":key \"lock\"}\n"
      "{:process 3, :type :ok, :f :acquire, :value 7, :time 25, :index 1, "
      ":key \"lock\"}\n");
}

TEST(history_test, without_a_value_it_is_nil) {
  call_bar c = a_call(1, 1, 2, call_outcome::fail);
  c.arguments = c.result = "";
  const std::string text = history_of({c});
  EXPECT_NE(text.find(":type :invoke, :f :acquire, :value nil,"), std::string::npos) << text;
  EXPECT_NE(text.find(":type :fail, :f :acquire, :value nil,"), std::string::npos) << text;
}

TEST(history_test, who_was_not_answered_is_told_what_it_asked_and_why) {
  call_bar c = a_call(3, 10, 25, call_outcome::info);
  c.error = "no answer";
  c.model = "lock";
  const std::string text = history_of({c});
  EXPECT_NE(
      text.find(":type :info, :f :acquire, :value \"x\", :time 25, :index 1, :key \"lock\", "
                ":model :lock, :error \"no answer\"}"),
      std::string::npos)
      << text;
}

TEST(history_test, what_is_known_of_the_order_counts_at_one_moment) {
  call_bar first = a_call(1, 10, 20, call_outcome::ok);
  call_bar second = a_call(2, 20, 30, call_outcome::ok);
  first.ret_position = 3;
  second.call_position = 2;
  const std::string text = history_of({first, second});
  EXPECT_LT(text.find(":process 2, :type :invoke"), text.find(":process 1, :type :ok")) << text;
}

TEST(history_test, faults_are_what_the_nemesis_does) {
  run_record record;
  record.duration = 100;
  record.lanes = {{"n1", true}, {"n2", true}};
  record.faults = {{"killed", 10, 20, {1}, ""}, {"lossy", 15, 100, {}, ""}};
  string_sink out;
  write_history(record, out);
  EXPECT_EQ(
      out.text(),
      "{:process :nemesis, :type :info, :f :start-killed, :value [\"n2\"], :time 10, :index 0}\n"
      "{:process :nemesis, :type :info, :f :start-lossy, :value :everybody, :time 15, :index 1}\n"
      "{:process :nemesis, :type :info, :f :stop-killed, :value [\"n2\"], :time 20, :index 2}\n");
}

TEST(history_test, what_never_returned_has_no_end) {
  EXPECT_EQ(history_of({a_call(1, 5, 0, call_outcome::open)}).find(":info"), std::string::npos);
  EXPECT_NE(history_of({a_call(1, 5, 9, call_outcome::info)}).find(":info"), std::string::npos);
}

TEST(history_test, by_time_and_at_one_moment_ends_come_first) {
  const std::string text = history_of(
      {a_call(1, 20, 20, call_outcome::ok),
       a_call(1, 10, 20, call_outcome::ok),
       a_call(2, 20, 30, call_outcome::ok)});
  std::vector<std::string> lines;
  for (std::size_t at = 0; (at = text.find(":type", at)) != std::string::npos; ++at)
    lines.push_back(text.substr(at + 6, 4) + text.substr(text.rfind('\n', at) + 10, 2));
  EXPECT_EQ(
      lines,
      (std::vector<std::string>{":inv 1", ":ok, 1", ":inv 1", ":ok, 1", ":inv 2", ":ok, 2"}));
}

TEST(history_test, results_by_check) {
  run_record record;
  record.seed = 42;
  record.valid = false;
  record.findings = {{"election safety", "two \"leaders\"", "n1", 7}, {"counter", "lost", "c1", 9}};
  record.statistics = {{"elections", "3"}};
  string_sink out;
  write_results(record, out);
  EXPECT_EQ(
      out.text(),
      "{:valid? false,\n :seed 42,\n :title \"\",\n :command \"\",\n :build \"\",\n"
      " :trace-hash \"0000000000000000\",\n :duration 0,\n"
      " :checks {:counter {:valid? false, :findings [{:sentence \"lost\", :where \"c1\", :time "
      "9}]},\n"
      "          :election-safety {:valid? false, :findings [{:sentence \"two \\\"leaders\\\"\", "
      ":where \"n1\", :time 7}]}},\n"
      " :statistics {\"elections\" \"3\"}}\n");
}

}  // namespace
}  // namespace atomix::sim
