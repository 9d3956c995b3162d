// SPDX-License-Identifier: Apache-2.0
#include "tools/histogram.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace atomix::tools {
namespace {

TEST(histogram, is_exact_for_small_numbers) {
  histogram h;
  for (std::uint64_t i = 0; i < 100; ++i)
    h.add(i);
  EXPECT_EQ(h.count(), 100U);
  EXPECT_EQ(h.quantile(0.5), 50U);
  EXPECT_EQ(h.quantile(0.99), 99U);
  EXPECT_EQ(h.quantile(1), 99U);
}

TEST(histogram, is_empty_at_first) {
  EXPECT_EQ(histogram{}.quantile(0.5), 0U);
}

TEST(histogram, takes_the_largest_number) {
  histogram h;
  h.add(std::numeric_limits<std::uint64_t>::max());
  EXPECT_EQ(h.largest(), std::numeric_limits<std::uint64_t>::max());
  EXPECT_GE(h.quantile(0.5), std::numeric_limits<std::uint64_t>::max() / 64 * 63);
}

RC_GTEST_PROP(histogram_property, quantiles_are_off_by_at_most_1_6_percent, ()) {
  auto durations = *rc::gen::nonEmpty(rc::gen::container<std::vector<std::uint64_t>>(rc::gen::map(
      rc::gen::inRange<std::uint64_t>(0, 1ULL << 40U),
      [](std::uint64_t v) { return v >> (v % 40); })));
  histogram first;
  histogram second;
  for (std::size_t i = 0; i < durations.size(); ++i)
    (i % 2 == 0 ? first : second).add(durations[i]);
  first.add(second);
  std::sort(durations.begin(), durations.end());
  for (const double q : {0.0, 0.5, 0.9, 0.99}) {
    const auto place = static_cast<std::size_t>(q * static_cast<double>(durations.size()));
    const auto exact = static_cast<double>(durations[std::min(place, durations.size() - 1)]);
    RC_ASSERT(std::abs(static_cast<double>(first.quantile(q)) - exact) <= exact * 0.016 + 1);
  }
}

}  // namespace
}  // namespace atomix::tools
