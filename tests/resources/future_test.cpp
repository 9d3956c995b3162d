// SPDX-License-Identifier: Apache-2.0
#include "resources/future.hpp"

#include <gtest/gtest.h>

#include <coroutine>
#include <exception>
#include <string>
#include <thread>
#include <vector>

namespace atomix {
namespace {

/// A coroutine that starts at once and that nobody waits for.
struct started {
  struct promise_type {
    started get_return_object() { return {}; }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_never final_suspend() noexcept { return {}; }
    void return_void() {}
    void unhandled_exception() { std::terminate(); }
  };
};

TEST(future, get_gives_what_was_set_first) {
  const promise<int> p;
  const future<int> f = p.get_future();
  EXPECT_FALSE(f.is_ready());
  p.set(1);
  p.set(2);
  EXPECT_TRUE(f.is_ready());
  EXPECT_EQ(f.get().value(), 1);
}

TEST(future, waits_for_another_thread) {
  promise<int> p;
  const future<int> f = p.get_future();
  std::thread other{[p = std::move(p)] {
    p.set(7);
  }};
  EXPECT_EQ(f.get().value(), 7);
  other.join();
}

TEST(future, get_for_gives_up) {
  const promise<int> p;
  EXPECT_EQ(p.get_future().get_for(std::chrono::milliseconds{1}), std::nullopt);
  p.set(3);
  EXPECT_EQ(p.get_future().get_for(std::chrono::milliseconds{1})->value(), 3);
}

TEST(future, continuations_run_in_the_order_given_before_and_after) {
  const promise<int> p;
  std::vector<std::string> calls;
  const auto note = [&](const std::string& who) {
    return [&calls, who](const absl::StatusOr<int>& r) {
      calls.push_back(who + std::to_string(*r));
    };
  };
  p.get_future().then(note("a"));
  p.get_future().then(note("b"));
  p.get_future().then(note("c"));
  EXPECT_TRUE(calls.empty());
  p.set(1);
  p.get_future().then(note("d"));
  EXPECT_EQ(calls, (std::vector<std::string>{"a1", "b1", "c1", "d1"}));
}

TEST(future, a_dropped_call_ends_with_an_unknown_outcome) {
  std::optional<promise<void>> p{std::in_place};
  const std::optional<promise<void>> copy = p;
  const future<void> f = p->get_future();
  p.reset();
  EXPECT_FALSE(f.is_ready());
  const_cast<std::optional<promise<void>>&>(copy).reset();
  ASSERT_TRUE(f.is_ready());
  EXPECT_EQ(certainty_of(f.get()), certainty::unknown);
}

TEST(future, transform_changes_value_and_failure) {
  const auto twice = [](const absl::StatusOr<int>& r) -> absl::StatusOr<std::string> {
    if (!r.ok()) return r.status();
    return std::to_string(*r * 2);
  };
  EXPECT_EQ(transform<std::string>(ready_future<int>(21), twice).get().value(), "42");
  EXPECT_FALSE(
      transform<std::string>(ready_future<int>(absl::AbortedError("no")), twice).get().ok());
}

started add_up(std::vector<future<int>> parts, std::optional<int>& sum) {
  int total = 0;
  for (const auto& part : parts)
    total += (co_await part).value();
  sum = total;
}

TEST(future, a_coroutine_goes_on_when_the_result_comes) {
  const promise<int> first;
  const promise<int> second;
  std::optional<int> sum;
  add_up({first.get_future(), second.get_future(), ready_future<int>(4)}, sum);
  second.set(2);
  EXPECT_EQ(sum, std::nullopt);
  first.set(1);
  EXPECT_EQ(sum, 7);
}

TEST(future, ready_results_do_not_deepen_the_stack) {
  constexpr int many = 200'000;
  std::optional<int> sum;
  add_up(std::vector<future<int>>(many, ready_future<int>(1)), sum);
  EXPECT_EQ(sum, many);
}

// The result may come between "is it there?" and "resume me": exactly one of the two goes on.
TEST(future, a_coroutine_resumes_once_whoever_is_first) {
  for (int round = 0; round < 2'000; ++round) {
    promise<int> p;
    std::optional<int> sum;
    const future<int> f = p.get_future();
    std::thread other{[p = std::move(p)] {
      p.set(1);
    }};
    add_up({f}, sum);
    other.join();
    ASSERT_EQ(sum, 1);
  }
}

TEST(certainty, of_a_status) {
  EXPECT_EQ(certainty_of(absl::OkStatus()), certainty::done);
  EXPECT_EQ(certainty_of(absl::UnavailableError("full")), certainty::not_done);
  const absl::Status lost = unknown_outcome(absl::DeadlineExceededError("lost"));
  EXPECT_EQ(certainty_of(lost), certainty::unknown);
  EXPECT_EQ(lost.code(), absl::StatusCode::kDeadlineExceeded);
}

}  // namespace
}  // namespace atomix
