// SPDX-License-Identifier: Apache-2.0
// Coroutines: values, exceptions, and frames that go away while somebody else still knows of them.
#include "sim/testing/task.hpp"

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>

namespace {

using atomix::future;
using atomix::promise;
using atomix::testing::task;

task<int> twice(future<int> number) {
  const auto got = co_await number;
  if (!got.ok()) throw std::runtime_error(std::string(got.status().message()));
  co_return *got * 2;
}

task<> store(future<int> number, int& to) {
  to = co_await twice(number) + 1;
}

TEST(task, begins_when_it_is_started_and_ends_when_its_future_is_there) {
  const promise<int> number;
  int stored = 0;
  int ended = 0;
  task<> t = store(number.get_future(), stored);
  t.start([&](const std::exception_ptr& failure) { ended = failure ? -1 : 1; });
  EXPECT_EQ(ended, 0);
  number.set(20);
  EXPECT_EQ(ended, 1);
  EXPECT_EQ(stored, 41);
}

TEST(task, does_not_suspend_for_what_is_there) {
  int stored = 0;
  bool ended = false;
  task<> t = store(atomix::ready_future<int>(1), stored);
  t.start([&](const std::exception_ptr&) { ended = true; });
  EXPECT_TRUE(ended);
  EXPECT_EQ(stored, 3);
}

TEST(task, passes_on_what_the_inner_one_throws) {
  const promise<int> number;
  int stored = 0;
  std::string thrown;
  task<> t = store(number.get_future(), stored);
  t.start([&](const std::exception_ptr& failure) {
    try {
      std::rethrow_exception(failure);
    } catch (const std::runtime_error& e) {
      thrown = e.what();
    }
  });
  number.set(absl::AbortedError("no"));
  EXPECT_EQ(thrown, "no");
  EXPECT_EQ(stored, 0);
}

TEST(task, that_is_gone_is_not_resumed) {
  const promise<int> number;
  int stored = 0;
  {
    task<> t = store(number.get_future(), stored);
    t.start([](const std::exception_ptr&) { FAIL() << "it was dropped"; });
  }
  number.set(1);
  EXPECT_EQ(stored, 0);
}

TEST(task, may_be_replaced_from_where_its_end_is_told) {
  int stored = 0;
  task<> t = store(atomix::ready_future<int>(1), stored);
  const promise<int> never;
  t.start([&](const std::exception_ptr&) { t = store(never.get_future(), stored); });
  EXPECT_EQ(stored, 3);
}

}  // namespace
