// SPDX-License-Identifier: Apache-2.0
#include "resources/losses.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

namespace atomix::resources {
namespace {

class losses_test : public testing::Test {
 protected:
  [[nodiscard]] listening listen() {
    return all->listen([this](int what) { heard.push_back(what); });
  }
  const std::shared_ptr<losses<int>> all = std::make_shared<losses<int>>();
  std::vector<int> heard;
};
using numbers = std::vector<int>;

TEST_F(losses_test, are_told_to_all_who_listen) {
  const listening one = listen();
  listening other = listen();
  all->lose(1);
  other.cancel();
  all->lose(2);
  EXPECT_EQ(heard, (numbers{1, 1, 2}));
}

TEST_F(losses_test, wait_for_a_listener_until_something_else_is_held) {
  all->lose(1);
  all->begin_anew();
  const listening late = listen();
  EXPECT_EQ(heard, numbers{});
}

TEST_F(losses_test, are_not_told_to_one_that_another_cancelled) {
  listening other;
  const listening one = all->listen([&](int) { other.cancel(); });
  other = listen();
  all->lose(1);
  EXPECT_EQ(heard, numbers{});
}

TEST_F(losses_test, may_be_outlived_by_their_listeners) {
  auto short_lived = std::make_shared<losses<int>>();
  const listening one = short_lived->listen([](int) {});
  short_lived.reset();
}

// One listens for moments only, but always comes back: it hears each loss, and once.
TEST_F(losses_test, are_told_once_however_briefly_one_listens) {
  constexpr int rounds = 2'000;
  std::atomic<int> told = 0;
  std::thread loser{[&] {
    for (int i = 1; i <= rounds; ++i) {
      all->lose(i);
      while (told.load() < i)
        std::this_thread::yield();
    }
  }};
  while (told.load() < rounds) {
    const listening moment =
        all->listen([&](int what) { EXPECT_EQ(told.exchange(what), what - 1); });
  }
  loser.join();
}

}  // namespace
}  // namespace atomix::resources
