// SPDX-License-Identifier: Apache-2.0
#include "sim/event_queue.hpp"

#include "sim/local_clock.hpp"

#include "raft/base/prng.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <set>
#include <utility>
#include <vector>

namespace atomix::sim {
namespace {

TEST(event_queue, earlier_first_and_at_one_time_in_the_order_of_pushing) {
  event_queue queue;
  std::vector<int> order;
  queue.push({20, 0, [&] {
                order.push_back(3);
              }});
  queue.push({10, 0, [&] {
                order.push_back(1);
              }});
  queue.push({20, 0, [&] {
                order.push_back(4);
              }});
  queue.push({10, 0, [&] {
                order.push_back(2);
              }});
  while (!queue.empty())
    queue.pop().run();
  EXPECT_EQ(order, (std::vector<int>{1, 2, 3, 4}));
}

TEST(event_queue, an_event_may_push_others_while_it_runs) {
  event_queue queue;
  int ran = 0;
  queue.push({1, 0, [&] {
                for (int i = 0; i < 100; ++i)
                  queue.push({2, 0, [&ran] {
                                ++ran;
                              }});
              }});
  while (!queue.empty())
    queue.pop().run();
  EXPECT_EQ(ran, 100);
}

// Each step pushes for now or a little later, or pops.
RC_GTEST_PROP(event_queue, is_stable_while_it_is_used, (const std::vector<std::uint8_t>& steps)) {
  event_queue queue;
  std::set<std::pair<sim_time, std::uint64_t>> expected;
  sim_time now = 0;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    if (steps[i] % 2 == 0) {
      const sim_time at = now + steps[i] / 2 % 3;
      queue.push({at, i, nullptr});
      expected.emplace(at, i);
    } else if (!expected.empty()) {
      const auto first = *expected.begin();
      RC_ASSERT(queue.next_at() == first.first);
      const event next = queue.pop();
      RC_ASSERT(std::pair(next.at, next.owner) == first);
      expected.erase(expected.begin());
      now = first.first;
    }
    RC_ASSERT(queue.size() == expected.size());
  }
}

RC_GTEST_PROP(event_queue, is_a_stable_sort, (const std::vector<std::uint8_t>& times)) {
  event_queue queue;
  std::vector<std::pair<sim_time, std::uint64_t>> expected;
  for (std::size_t i = 0; i < times.size(); ++i) {
    queue.push({times[i], i, nullptr});
    expected.emplace_back(times[i], i);
  }
  std::sort(expected.begin(), expected.end());
  for (const auto& [at, number] : expected) {
    RC_ASSERT(queue.next_at() == at);
    RC_ASSERT(queue.pop().owner == number);
  }
  RC_ASSERT(queue.empty());
}

RC_GTEST_PROP(local_clock, shows_a_time_at_the_moment_it_says, ()) {
  const auto rate = *rc::gen::inRange<std::uint64_t>(900'000, 1'100'000);
  const auto offset = *rc::gen::inRange<sim_time>(0, 3'600 * second);
  const auto wait = *rc::gen::inRange<sim_time>(1, 3'600 * second);
  const local_clock clock{offset, rate};
  const sim_time moment = clock.global(offset + wait);
  RC_ASSERT(clock.local(moment) >= offset + wait);
  RC_ASSERT(moment == 0 || clock.local(moment - 1) < offset + wait);
}

}  // namespace
}  // namespace atomix::sim
