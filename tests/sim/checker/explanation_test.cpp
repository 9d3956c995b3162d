// SPDX-License-Identifier: Apache-2.0
// What is said about a failure.
#include "sim/checker/check.hpp"
#include "sim/checker/drawing.hpp"
#include "sim/checker/read_history.hpp"

#include <gtest/gtest.h>

#include <string>

namespace atomix::checker {
namespace {

check_report check_text(const std::string& model_name, const std::string& text) {
  const auto m = *make_model(model_name);
  return *check(*read_history(text, "test"), *m);
}

TEST(Explanation, ALostWrite) {
  const check_report report = check_text(
      "register",
      "{:process 0 :type :invoke :f :write :value 1 :time 10000000000}"
      "{:process 0 :type :ok :f :write :value 1 :time 10200000000}"
      "{:process 1 :type :invoke :f :write :value 7 :time 12100000000}"
      "{:process 1 :type :ok :f :write :value 7 :time 12300000000}"
      "{:process 3 :type :invoke :f :read :value nil :time 12900000000}"
      "{:process 3 :type :ok :f :read :value 1 :time 12950000000}");
  ASSERT_EQ(report.answer, verdict::invalid);
  EXPECT_EQ(report.parts[0].failing, 2U);
  EXPECT_EQ(
      report.explanation(),
      "The read by process 3 that returned 1 (12.900 s to 12.950 s) cannot have seen 1: write 7 by "
      "process 1 (12.100 s to 12.300 s) was acknowledged before it began, and nobody wrote 1 after "
      "that.");
}

TEST(Explanation, OfTheSearch) {
  const check_report report = check_text(
      "register",
      "{:process 0 :type :invoke :f :write :value 1}"
      "{:process 1 :type :invoke :f :write :value 2}"
      "{:process 2 :type :invoke :f :read :value nil}"
      "{:process 2 :type :ok :f :read :value 1}"
      "{:process 2 :type :invoke :f :read :value nil}"
      "{:process 2 :type :ok :f :read :value 2}"
      "{:process 2 :type :invoke :f :read :value nil}"
      "{:process 2 :type :ok :f :read :value 1}"
      "{:process 0 :type :ok :f :write :value 1}"
      "{:process 1 :type :ok :f :write :value 2}");
  ASSERT_EQ(report.answer, verdict::invalid);
  EXPECT_EQ(report.parts[0].failing, 4U);
  EXPECT_EQ(
      report.explanation(),
      "The read by process 2 that returned 1 (event 6 to event 7) has no place in any order: where "
      "those that get furthest stop, the register holds 2, and nothing that was open then helps, "
      "but for what earlier results need.");
  EXPECT_EQ(report.parts[0].order, (std::vector<std::size_t>{0, 2, 1, 3}));
  EXPECT_EQ(report.parts[0].concurrent, (std::vector<std::size_t>{0, 1}));
}

TEST(Explanation, NamesTheKey) {
  const check_report report = check_text(
      "register",
      "{:process 0 :type :invoke :f :write :key \"a\" :value 1}"
      "{:process 0 :type :ok :f :write :key \"a\" :value 1}"
      "{:process 0 :type :invoke :f :read :key \"b\"}"
      "{:process 0 :type :ok :f :read :key \"b\" :value 1}");
  ASSERT_EQ(report.answer, verdict::invalid);
  EXPECT_EQ(report.first(verdict::invalid)->key, value{"b"});
  EXPECT_EQ(
      report.explanation(),
      "The read on \"b\" by process 0 that returned 1 (event 2 to event 3) cannot have seen 1: "
      "nobody ever wrote it.");
}

// What is drawn is what the sentence speaks of and what came before; where no time was noted, lines
// of the file are named; and what seems to help is said to be needed already.
TEST(Explanation, IsDrawn) {
  const std::string text =
      "0\t:invoke\t:write\t4\n"
      "something else\n"
      "0\t:info\t:write\t:timed-out\n"
      "1\t:invoke\t:read\tnil\n"
      "1\t:ok\t:read\t4\n"
      "2\t:invoke\t:write\t1\n"
      "2\t:ok\t:write\t1\n"
      "3\t:invoke\t:read\tnil\n"
      "3\t:ok\t:read\t4\n";
  const auto m = *make_model("cas-register");
  const history h = *read_history(text, "test");
  const check_report report = *check(h, *m);
  ASSERT_EQ(report.answer, verdict::invalid);
  EXPECT_EQ(
      report.explanation(),
      "The read by process 3 that returned 4 (line 8 to line 9) has no place in any order: where "
      "those that get furthest stop, the cas-register holds 1, and nothing that was open then "
      "helps, but for what earlier results need.");
  const std::string needed =
      "  write 4 (unknown) by process 0   needed for the read by process 1 that returned 4 (line 4 "
      "to line 5)\n";
  const std::string drawn = draw(h, *report.first(verdict::invalid));
  EXPECT_NE(drawn.find(needed), std::string::npos) << drawn;
  EXPECT_NE(drawn.find("  write 1 by process 2\n"), std::string::npos) << drawn;
  EXPECT_NE(drawn.find("  read -> 4 by process 3   <- impossible\n"), std::string::npos) << drawn;
}

TEST(Explanation, DrawsWhatItNames) {
  const auto m = *make_model("register");
  std::string text =
      "0\t:invoke\t:write\t1\n0\t:ok\t:write\t1\n0\t:invoke\t:write\t2\n0\t:ok\t:write\t2\n";
  for (int i = 0; i < 9; ++i)
    text += "0\t:invoke\t:read\tnil\n0\t:ok\t:read\t2\n";
  const history h = *read_history(text + "1\t:invoke\t:read\tnil\n1\t:ok\t:read\t1\n", "test");
  const check_report report = *check(h, *m);
  ASSERT_EQ(report.answer, verdict::invalid);
  EXPECT_EQ(report.parts[0].named, (std::vector<std::size_t>{1, 0}));
  const std::string drawn = draw(h, report.parts[0]);
  EXPECT_NE(drawn.find("  write 1 by process 0\n"), std::string::npos) << drawn;
  EXPECT_NE(drawn.find("  write 2 by process 0\n"), std::string::npos) << drawn;
}

// Values that begin alike are shown whole, each.
TEST(Explanation, ShowsValuesWhole) {
  const check_report report = check_text(
      "register",
      "{:process 0 :type :invoke :f :write :value \"a d\"}"
      "{:process 3 :type :invoke :f :read :value nil}"
      "{:process 3 :type :ok :f :read :value \"a d\"}"
      "{:process 1 :type :invoke :f :write :value \"a b\"}"
      "{:process 2 :type :invoke :f :write :value \"a c\"}"
      "{:process 1 :type :ok :f :write :value \"a b\"}"
      "{:process 2 :type :ok :f :write :value \"a c\"}"
      "{:process 3 :type :invoke :f :read :value nil}"
      "{:process 3 :type :ok :f :read :value \"a d\"}");
  ASSERT_EQ(report.answer, verdict::invalid);
  EXPECT_NE(
      report.explanation().find("the register holds \"a b\" or \"a c\", and"), std::string::npos)
      << report.explanation();
}

// Events that share a line are told apart by their numbers.
TEST(Explanation, NamesNoLineThatHoldsSeveralEvents) {
  const history h = *read_history("0 :invoke :read nil\n0 :ok :read nil\n", "test");
  EXPECT_EQ(called_at(h.operations[0]), "line 1");
  const history in_one = *read_history(
      "[{:process 0 :type :invoke :f :read} {:process 0 :type :ok :f :read :value 1}]", "test");
  EXPECT_EQ(called_at(in_one.operations[0]), "event 0");
}

}  // namespace
}  // namespace atomix::checker
