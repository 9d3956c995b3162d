// SPDX-License-Identifier: Apache-2.0
#include "net/backoff.hpp"

#include <gtest/gtest.h>

namespace atomix::net {
namespace {

TEST(Backoff, DoublesUpToTheLongestAndStartsAgain) {
  backoff pause{7};
  for (const std::uint64_t ceiling : {20U, 40U, 80U, 160U, 320U, 640U, 1000U, 1000U}) {
    const auto ms = pause.next_ms();
    EXPECT_GE(ms, ceiling / 2);
    EXPECT_LE(ms, ceiling);
  }
  pause.reset();
  EXPECT_LE(pause.next_ms(), 20U);
}

TEST(Backoff, TwoWhoLostTheSameServerDoNotComeBackTogether) {
  backoff one{1};
  backoff other{2};
  int equal = 0;
  for (int i = 0; i < 20; ++i)
    equal += one.next_ms() == other.next_ms() ? 1 : 0;
  EXPECT_LT(equal, 5);
}

}  // namespace
}  // namespace atomix::net
