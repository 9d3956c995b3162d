// SPDX-License-Identifier: Apache-2.0
// What is said about a failure.
#include "sim/checker/check.hpp"
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
      "The read by process 2 that returned 1 (event 6 to event 7) has no place in any order: after "
      "all that must come before it, the register holds 2, and nothing that was open then helps.");
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

}  // namespace
}  // namespace atomix::checker
