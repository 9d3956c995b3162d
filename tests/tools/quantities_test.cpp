// SPDX-License-Identifier: Apache-2.0
#include "tools/quantities.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace atomix::tools {
namespace {

using std::chrono::milliseconds;

TEST(duration, reads_numbers_with_units) {
  EXPECT_EQ(parse_duration("250ms").value(), milliseconds{250});
  EXPECT_EQ(parse_duration("10s").value(), milliseconds{10'000});
  EXPECT_EQ(parse_duration("1.5s").value(), milliseconds{1500});
  EXPECT_EQ(parse_duration("2m").value(), milliseconds{120'000});
  EXPECT_EQ(parse_duration("1h").value(), milliseconds{3'600'000});
  EXPECT_EQ(parse_duration("0").value(), milliseconds{0});
}

TEST(duration, refuses_everything_else) {
  for (const char* text :
       {"", "5", "ms", "-1s", "1 s", "1sec", "1e3s", "1.2.3s", "nan", "inf", "99999999999999999h"})
    EXPECT_FALSE(parse_duration(text).ok()) << text;
}

TEST(size, reads_bytes_with_and_without_units) {
  EXPECT_EQ(parse_size("4096").value(), 4096U);
  EXPECT_EQ(parse_size("64MiB").value(), 64U << 20U);
  EXPECT_EQ(parse_size("1kB").value(), 1000U);
  EXPECT_EQ(parse_size("0.5KiB").value(), 512U);
}

TEST(size, refuses_everything_else) {
  for (const char* text : {"", "MiB", "-1", "1 MiB", "1mib", "1TiB", "0x10"})
    EXPECT_FALSE(parse_size(text).ok()) << text;
}

RC_GTEST_PROP(duration_property, text_is_read_back, ()) {
  const milliseconds any{*rc::gen::inRange<std::int64_t>(0, 1LL << 40)};
  RC_ASSERT(parse_duration(to_text(any)).value() == any);
}

RC_GTEST_PROP(size_property, text_is_read_back, ()) {
  const auto any = *rc::gen::inRange<std::uint64_t>(0, 1ULL << 50U);
  RC_ASSERT(parse_size(size_text(any)).value() == any);
}

TEST(list, leaves_out_what_is_empty) {
  EXPECT_EQ(split_list("a, b,,c,"), (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_TRUE(split_list("").empty());
}

}  // namespace
}  // namespace atomix::tools
