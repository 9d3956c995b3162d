// SPDX-License-Identifier: Apache-2.0
#include "sim/checker/read_history.hpp"

#include <gtest/gtest.h>

#include <string>

namespace atomix::checker {
namespace {

constexpr const char* log_text =
    "some line that says nothing\n"
    "INFO  jepsen.util - 4\t:invoke\t:write\t3\n"
    "2026-01-01 00:00:01,250{GMT}\tINFO\t[jepsen worker 1] jepsen.util: 1\t:invoke\t:read\tnil\n"
    "INFO  jepsen.util - :nemesis\t:info\t:start\tnil\n"
    "INFO  jepsen.util - 1\t:ok\t:read\t3\n"
    "INFO  jepsen.util - 4\t:info\t:write\t:timed-out\n"
    "INFO  jepsen.util - 2\t:invoke\t:cas\t[1 2]\n"
    "INFO  jepsen.util - 2\t:fail\t:cas\t[1 2]\n";

TEST(ReadHistory, ConsoleLog) {
  const auto h = read_history(log_text, "x.log");
  ASSERT_TRUE(h.ok()) << h.status();
  ASSERT_EQ(h->operations.size(), 3U);
  EXPECT_EQ(h->operations[0].known, certainty::unknown);
  EXPECT_EQ(h->operations[0].ret, operation::never);
  EXPECT_EQ(h->operations[1].result, value{3});
  EXPECT_EQ(h->operations[2].known, certainty::failed);
  EXPECT_TRUE(h->failed_cas_observes);
  EXPECT_EQ(h->nil, nil_result::observed);
}

TEST(ReadHistory, EdnInItsShapes) {
  const std::string call = "{:process 1, :type :invoke, :f :read, :value nil, :time 10}";
  const std::string end = "{:process 1 :type :ok :f :read :value 5 :time 20 :log-index 7}";
  for (const std::string& text :
       {"[" + call + " " + end + "]",
        "(" + call + "\n" + end + ")",
        call + "\n" + end + "\n",
        "; a comment\n[" + call + "] [" + end + "]",
        "[#jepsen.history.Op" + call + " #jepsen.history.Op" + end + "]",
        "[" + call + " {:process :nemesis, :type :info, :f :kill} " + end + "]"}) {
    const auto h = read_history(text, "x.edn");
    ASSERT_TRUE(h.ok()) << text << ": " << h.status();
    ASSERT_EQ(h->operations.size(), 1U) << text;
    const operation& op = h->operations.front();
    EXPECT_EQ(op.result, value{5});
    EXPECT_EQ(op.call_time_ns, 10);
    EXPECT_EQ(op.return_time_ns, 20);
    EXPECT_EQ(op.index, 7U);
    EXPECT_EQ(h->nil, nil_result::unobserved);
    EXPECT_FALSE(h->failed_cas_observes);
  }
}

TEST(ReadHistory, JsonAndMarksOfWindows) {
  const std::string_view text =
      "\xEF\xBB\xBF[{\"process\":1,\"type\":\"invoke\",\"f\":\"txn\",\"value\":[[\"r\",\"x\",null]]"
      "},\r\n"
      "{\"process\":\"nemesis\",\"type\":\"info\",\"f\":\"kill\",\"value\":null},\r\n"
      "{\"process\" : 1, \"type\": \"ok\", \"f\": \"txn\", \"value\": [[\"r\",\"x\",-1.5]]}]\r\n";
  const auto h = read_history(text, "x.json");
  ASSERT_TRUE(h.ok()) << h.status();
  ASSERT_EQ(h->operations.size(), 1U);
  EXPECT_EQ(to_text(h->operations[0].argument), "[[\"r\" \"x\" nil]]");
  EXPECT_EQ(to_text(h->operations[0].result), "[[\"r\" \"x\" -1.5]]");
}

TEST(ReadHistory, ALogWithTimesInBrackets) {
  const auto h = read_history(
      "[2026-01-01 00:00:01] INFO 3 :invoke :read nil\n[2026-01-01 00:00:02] INFO 3 :ok :read 5\n",
      "x.log");
  ASSERT_TRUE(h.ok()) << h.status();
  ASSERT_EQ(h->operations.size(), 1U);
  EXPECT_EQ(h->operations[0].result, value{5});
}

TEST(ReadHistory, AFailureWithAReasonIsNoOtherValue) {
  const auto h = read_history(
      "1\t:invoke\t:cas\t[1 2]\n1\t:fail\t:cas\t[1 2]\t:no-leader\n"
      "1\t:invoke\t:cas\t[1 2]\n1\t:fail\t:cas\t[1 2]\n",
      "x.log");
  ASSERT_TRUE(h.ok()) << h.status();
  EXPECT_NE(h->operations[0].result, h->operations[0].argument);
  EXPECT_EQ(h->operations[1].result, h->operations[1].argument);
}

TEST(ReadHistory, WhatIsWrittenMayBeToldAtTheEnd) {
  const auto h = read_history(
      "{:process 1, :type :invoke, :f :write, :value nil}{:process 1, :type :ok, :f :write, "
      ":value 3}",
      "x");
  ASSERT_TRUE(h.ok()) << h.status();
  EXPECT_EQ(h->operations[0].argument, value{3});
}

TEST(ReadHistory, IndependentKeys) {
  const std::string plain =
      "{:process 1, :type :invoke, :f :write, :value [\"k\" 1]}{:process 1, :type :ok, :f :write, "
      ":value [\"k\" 1]}";
  EXPECT_FALSE(read_history(plain, "x")->operations[0].key.has_value());
  read_options options;
  options.independent = true;
  EXPECT_EQ(read_history(plain, "x", options)->operations[0].key, value{"k"});
  EXPECT_EQ(read_history(plain, "x", options)->operations[0].result, value{1});
  const auto tagged_pair = read_history(
      "{:process 1, :type :invoke, :f :write, :value #jepsen.independent/tuple [2 1]}", "x");
  EXPECT_EQ(tagged_pair->operations[0].key, value{2});
  const auto entry =
      read_history("{:process 1, :type :invoke, :f :get, :key \"0\", :value nil}", "x");
  EXPECT_EQ(entry->operations[0].key, value{"0"});
}

TEST(ReadHistory, SaysFileLineAndRemedy) {
  struct row {
    std::string text, said;
  };
  const row rows[] = {
      {"\n{:process 1, :type :ok, :f :read}", "x.edn: line 2: process 1 returns"},
      {"{:type :ok, :f :read}", "no :process"},
      {"{:process 1, :type :okay, :f :read}", "no :type"},
      {"{:process 1, :type :invoke}", "no :f"},
      {"[{:process 1, :type :invoke, :f :read}", "']' is missing"},
      {"{:process 1, :type :invoke, :f :read} 7", "an event is expected, not 7"},
      {"{:process 1, :type :invoke, :f :a}{:process 1, :type :invoke, :f :a}", "has not returned"},
      {"{:process 1, :type :invoke, :f :a}{:process 1, :type :ok, :f :b}", "returns from b"},
      {"hello\nworld\n", "no event in the whole text"},
      {"1\t:invoke\t:read\tnil\n1\t:ok\t:read\t#{1 2", "line 2: the value of read cannot be read"},
  };
  for (const row& r : rows) {
    const auto h = read_history(r.text, "x.edn");
    ASSERT_FALSE(h.ok()) << r.text;
    EXPECT_NE(std::string{h.status().message()}.find(r.said), std::string::npos) << h.status();
  }
  EXPECT_TRUE(read_history("", "x")->operations.empty());
}

}  // namespace
}  // namespace atomix::checker
