// SPDX-License-Identifier: Apache-2.0
#include "sim/checker/edn.hpp"

#include <gtest/gtest.h>

#include <string>

namespace atomix::checker {
namespace {

struct row {
  std::string text, printed;
};

TEST(Edn, ReadsAndPrints) {
  const row rows[] = {
      {"nil", "nil"},
      {" true,,false ", ""},
      {"-17", "-17"},
      {"+3", "3"},
      {"12N", "12"},
      {"1.5", "1.5"},
      {"1e3", "1000.0"},
      {"1/2", "0.5"},
      {":a/b", ":a/b"},
      {"word", "word"},
      {"\"a\\n\\u0041\\\"\"", "\"a\\nA\\\"\""},
      {"(1 [2 \"x\"])", "[1 [2 \"x\"]]"},
      {"{:b 2, :a 1}", "{:a 1, :b 2}"},
      {"#{3 1 3}", "#{1 3}"},
      {"#inst \"2020\"", "#inst \"2020\""},
      {"[1 #_ 2 #_(3 4) 5] ; comment", "[1 5]"},
      {"^:meta [1]", "[1]"},
      {"\\a", "\"a\""},
      {"-", "-"},
      {"123456789012345678901N", "123456789012345678901"},
      {"[##Inf 1]", "[Inf 1]"},
      {"\"\\ud83d\\ude00\"", "\"\xf0\x9f\x98\x80\""},
  };
  for (const row& r : rows) {
    const auto v = parse_value(r.text);
    if (r.printed.empty()) {
      EXPECT_FALSE(v.ok()) << r.text;
      continue;
    }
    ASSERT_TRUE(v.ok()) << r.text << ": " << v.status();
    EXPECT_EQ(to_text(*v), r.printed);
  }
}

TEST(Edn, SaysWhatIsWrong) {
  for (const char* text : {"", "[1 2", "{:a}", "\"abc", "#", ")", "#_", "{1 2", "[1 }"})
    EXPECT_FALSE(parse_value(text).ok()) << text;
  EXPECT_FALSE(parse_value(std::string(100'000, '[')).ok());
}

TEST(Edn, LargeNumbersDiffer) {
  EXPECT_NE(*parse_value("123456789012345678901"), *parse_value("123456789012345678902"));
}

TEST(Edn, ReadsJson) {
  edn_reader reader{
      R"({"a":[null,true,-1.5e3],"b":{"c":"x: \u0041"}})", edn_reader::notation::json};
  const auto v = reader.next();
  ASSERT_TRUE(v.ok() && v->has_value());
  EXPECT_EQ(to_text(**v), R"({:a [nil true -1500.0], :b {:c "x: A"}})");
}

TEST(Edn, ListsAndVectorsAreEqual) {
  EXPECT_EQ(*parse_value("(1 2)"), *parse_value("[1 2]"));
  EXPECT_EQ(hash_of(*parse_value("(1 2)")), hash_of(*parse_value("[1 2]")));
  EXPECT_LT(*parse_value("[1 2]"), *parse_value("[1 3]"));
}

}  // namespace
}  // namespace atomix::checker
