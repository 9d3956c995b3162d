// SPDX-License-Identifier: Apache-2.0
// Handles over a replica in this process, as users' unit tests have them.
#include "resources/counter/counter.hpp"
#include "resources/election/election.hpp"
#include "resources/local_invoker.hpp"
#include "resources/lock/lock.hpp"
#include "resources/map/map.hpp"
#include "resources/value/value.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <limits>
#include <string>
#include <vector>

namespace atomix {
namespace {

using namespace std::chrono_literals;

class handles : public testing::Test {
 protected:
  local_replica replica;
  std::shared_ptr<local_invoker> mine = replica.connect();
  std::shared_ptr<local_invoker> yours = replica.connect();
};

template <class T>
T ok(const future<T>& f) {
  EXPECT_TRUE(f.is_ready());
  const absl::StatusOr<T> result = f.get();
  EXPECT_TRUE(result.ok()) << result.status();
  return result.value_or(T{});
}

void ok(const future<void>& f) {
  EXPECT_TRUE(f.is_ready());
  EXPECT_TRUE(f.get().ok()) << f.get();
}

TEST_F(handles, a_value_is_shared_by_all_sessions) {
  const value<> here{mine, "v"};
  const value<> there{yours, "v"};
  EXPECT_EQ(ok(here.get()), std::nullopt);
  ok(here.set("a"));
  EXPECT_EQ(ok(there.get(consistency::sequential)), "a");
  EXPECT_EQ(ok(there.get_and_set("b")), "a");
  EXPECT_FALSE(ok(here.compare_and_set("a", "c")));
  EXPECT_TRUE(ok(here.compare_and_set("b", std::nullopt)));
  EXPECT_TRUE(ok(here.compare_and_set(std::nullopt, "d")));
  ok(there.unset());
  EXPECT_EQ(ok(here.get()), std::nullopt);
}

TEST_F(handles, a_value_can_be_of_other_types) {
  const value<std::int64_t> number{mine, "n"};
  ok(number.set(-5));
  EXPECT_EQ(ok(number.get()), -5);
  const value<bool> flag{mine, "n"};
  EXPECT_EQ(flag.get().get().status().code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(handles, a_value_knows_when_it_was_written) {
  const value<int> v{mine, "v"};
  EXPECT_EQ(ok(v.get_versioned()), (versioned<int>{}));
  ok(v.set(1));
  const index_t first = replica.index();
  ok(counter{mine, "c"}.increment_and_get());
  EXPECT_EQ(ok(v.get_versioned()), (versioned<int>{1, first}));
  ok(v.set(1));
  EXPECT_GT(ok(v.get_versioned()).version, first) << "also if it is the same";
  ok(v.unset());
  EXPECT_EQ(ok(v.get_versioned()), (versioned<int>{std::nullopt, replica.index()}));
}

TEST_F(handles, a_value_lives_as_long_as_it_was_told) {
  const value<> v{mine, "v"};
  ok(v.set("a", 250ms));
  replica.advance(249);
  EXPECT_EQ(ok(v.get()), "a");
  replica.advance(1);
  EXPECT_EQ(ok(v.get()), std::nullopt);
  EXPECT_EQ(v.set("a", -1ms).get().code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(handles, every_write_of_a_value_passes_its_time_to_live_on) {
  const value<> v{mine, "v"};
  const std::function<void()> writes[] = {
      [&] { ok(v.set("b", 250ms)); },
      [&] { ok(v.get_and_set("b", 250ms)); },
      [&] {
        EXPECT_TRUE(ok(v.compare_and_set("a", "b", 250ms)));
      }};
  for (const auto& write : writes) {
    ok(v.set("a"));
    write();
    replica.advance(249);
    EXPECT_EQ(ok(v.get()), "b");
    replica.advance(1);
    EXPECT_EQ(ok(v.get()), std::nullopt);
  }
}

TEST_F(handles, a_value_tells_its_changes) {
  const value<int> v{mine, "v"};
  std::vector<std::pair<int, int>> changes;  // 0 for unset
  const subscription s = value<int>{yours, "v"}.on_change([&](const value_change<int>& c) {
    EXPECT_TRUE(c.status.ok());
    EXPECT_EQ(c.index, replica.index());
    changes.emplace_back(c.old_value.value_or(0), c.new_value.value_or(0));
  });
  ok(s.ready());
  ok(v.set(1));
  ok(v.set(2, 100ms));
  replica.advance(100);
  EXPECT_EQ(changes, (std::vector<std::pair<int, int>>{{0, 1}, {1, 2}, {2, 0}}));
}

TEST_F(handles, a_subscription_that_a_deletion_ended_takes_no_other_along) {
  const value<int> v{mine, "v"};
  int heard = 0;
  const auto count = [&](const value_change<int>&) {
    ++heard;
  };
  subscription deleted = v.on_change(count);
  ok(v.remove());
  const subscription after = v.on_change(count);
  deleted.cancel();
  heard = 0;
  ok(v.set(1));
  EXPECT_EQ(heard, 1);
}

TEST_F(handles, a_change_that_cannot_be_read_says_so) {
  absl::Status status;
  const subscription s =
      value<int>{mine, "v"}.on_change([&](const value_change<int>& c) { status = c.status; });
  ok(value<>{mine, "v"}.set("not a number"));
  EXPECT_FALSE(status.ok());
}

TEST_F(handles, a_counter_counts) {
  const counter c{mine, "c"};
  EXPECT_EQ(ok(c.get()), 0);
  EXPECT_EQ(ok(c.increment_and_get()), 1);
  EXPECT_EQ(ok(c.get_and_increment()), 1);
  EXPECT_EQ(ok(c.decrement_and_get()), 1);
  EXPECT_EQ(ok(c.get_and_decrement()), 1);
  EXPECT_EQ(ok(c.add_and_get(10)), 10);
  EXPECT_EQ(ok(c.get_and_add(-4)), 10);
  EXPECT_EQ(ok(c.get_and_set(100)), 6);
  EXPECT_TRUE(ok(c.compare_and_set(100, 7)));
  EXPECT_FALSE(ok(c.compare_and_set(100, 8)));
  ok(c.set(std::numeric_limits<std::int64_t>::max()));
  EXPECT_EQ(ok(c.increment_and_get()), std::numeric_limits<std::int64_t>::min());
}

/// Notes what queries ask for.
class noting_invoker final : public invoker {
 public:
  explicit noting_invoker(std::vector<consistency>& asked) : asked_(&asked) {}
  void command(const resource_name&, std::string, completion) override {}
  void query(const resource_name&, std::string, consistency level, completion) override {
    asked_->push_back(level);
  }
  listener_id listen(const std::string&, event_listener) override { return {}; }
  listener_id watch_state(state_listener) override { return {}; }
  void forget(listener_id) override {}

 private:
  std::vector<consistency>* asked_;
};

TEST(handle, queries_ask_for_what_the_call_says_or_else_the_handle) {
  std::vector<consistency> asked;
  const auto session = std::make_shared<noting_invoker>(asked);
  const value<> v{session, "v"};
  EXPECT_EQ(v.type(), "value");
  static_cast<void>(v.get());
  static_cast<void>(v.get(consistency::local));
  const value<> fast = v.with(consistency::local);
  static_cast<void>(fast.get());
  static_cast<void>(fast.get(consistency::sequential));
  static_cast<void>(v.get());
  static_cast<void>(counter{session, "c"}.with(consistency::sequential).get());
  EXPECT_EQ(
      asked,
      (std::vector{
          consistency::atomic,
          consistency::local,
          consistency::local,
          consistency::sequential,
          consistency::atomic,
          consistency::sequential}));
}

/// What guards something is never asked of a server that may be behind.
TEST(handle, questions_of_who_holds_are_atomic_whatever_the_handle) {
  std::vector<consistency> asked;
  const auto session = std::make_shared<noting_invoker>(asked);
  static_cast<void>(election{session, "e"}.with(consistency::local).is_leader(index_t{1}));
  static_cast<void>(lock{session, "l"}.with(consistency::local).check(index_t{1}));
  EXPECT_EQ(asked, (std::vector{consistency::atomic, consistency::atomic}));
}

TEST_F(handles, a_subscription_ends_with_its_owner) {
  const counter c{mine, "c"};
  int heard = 0;
  const auto listener = [&](const counter_change&) {
    ++heard;
  };
  {
    const subscription one = c.on_change(listener);
    subscription two = c.on_change(listener);
    ok(c.increment_and_get());
    EXPECT_EQ(heard, 2);
    two.cancel();
    EXPECT_FALSE(two.is_active());
    ok(c.increment_and_get());
    EXPECT_EQ(heard, 3);
    two = c.on_change(listener);
    const subscription three = std::move(two);
    ok(c.increment_and_get());
    EXPECT_EQ(heard, 5);
  }
  ok(c.increment_and_get());
  EXPECT_EQ(heard, 5);
}

TEST_F(handles, a_subscription_leaves_nothing_behind) {
  const std::size_t before = mine->listeners();
  counter{mine, "c"}.on_change([](const counter_change&) {}).cancel();
  EXPECT_EQ(mine->listeners(), before);
}

TEST_F(handles, a_subscription_that_is_replaced_hears_nothing) {
  const counter c{mine, "c"};
  std::vector<int> heard;
  subscription s = c.on_change([&](const counter_change&) { heard.push_back(1); });
  s = c.on_change([&](const counter_change&) { heard.push_back(2); });
  ok(s.ready());
  ok(c.increment_and_get());
  EXPECT_EQ(heard, std::vector<int>{2});
}

// The original went silent after its session had been replaced.
TEST_F(handles, a_subscription_follows_its_session) {
  const counter c{mine, "c"};
  std::vector<std::int64_t> heard;
  const subscription s =
      counter{yours, "c"}.on_change([&](const counter_change& e) { heard.push_back(e.new_value); });
  ok(c.set(1));
  replica.expire(yours);
  EXPECT_EQ(yours->state(), session_state::expired);
  ok(c.set(2));
  replica.reopen(yours);
  ok(c.set(3));
  EXPECT_EQ(heard, (std::vector<std::int64_t>{1, 3}));
}

TEST_F(handles, a_reply_comes_before_the_events_of_its_command) {
  std::vector<std::string> order;
  const counter c{mine, "c"};
  const subscription s = c.on_change([&](const counter_change&) { order.push_back("event"); });
  const promise<void> done;
  mine->command({"c", "counter"}, std::string("\0\x08\x02", 3), [&](const auto& reply) {
    EXPECT_TRUE(reply.ok());
    order.push_back("reply");
  });
  EXPECT_EQ(order, (std::vector<std::string>{"reply", "event"}));
}

TEST_F(handles, calls_inside_listeners_wait_their_turn) {
  const counter c{mine, "c"};
  std::vector<std::int64_t> heard;
  const subscription s = c.on_change([&](const counter_change& e) {
    heard.push_back(e.new_value);
    if (e.new_value < 3) static_cast<void>(c.increment_and_get());
  });
  EXPECT_EQ(ok(c.increment_and_get()), 1);
  EXPECT_EQ(heard, (std::vector<std::int64_t>{1, 2, 3}));
}

TEST_F(handles, remove_deletes_the_state_for_everybody) {
  const counter here{mine, "c"};
  ok(here.set(5));
  ok(counter{yours, "c"}.remove());
  EXPECT_EQ(ok(here.get()), 0);
}

TEST_F(handles, listeners_hear_what_a_deletion_took) {
  const counter c{mine, "c"};
  const value<> v{mine, "v"};
  std::vector<std::string> heard;
  const subscription numbers =
      c.on_change([&](const counter_change& e) { heard.push_back(std::to_string(e.new_value)); });
  const subscription texts = v.on_change(
      [&](const value_change<std::string>& e) { heard.push_back(e.new_value.value_or("unset")); });
  ok(c.set(5));
  ok(v.set("a"));
  ok(counter{yours, "c"}.remove());
  ok(value<>{yours, "v"}.remove());
  EXPECT_EQ(heard, (std::vector<std::string>{"5", "a", "0", "unset"}));
  ok(c.set(6));
  EXPECT_EQ(heard.size(), 4U) << "this is another counter";
}

TEST_F(handles, a_name_has_one_type) {
  ok(counter{mine, "x"}.set(1));
  const absl::Status status = value<>{yours, "x"}.set("a").get();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(certainty_of(status), certainty::not_done);
  ok(counter{mine, "x"}.remove());
  ok(value<>{yours, "x"}.set("a"));
}

TEST_F(handles, what_only_looks_or_takes_back_makes_nothing) {
  const counter gone{mine, "x"};
  subscription s = gone.on_change([](const counter_change&) {});
  ok(gone.remove());
  s.cancel();
  EXPECT_EQ(ok(gone.get()), 0);
  EXPECT_FALSE(ok(lock{mine, "x"}.release()));
  EXPECT_FALSE(ok(election{mine, "x"}.resign()));
  ok(map<>{mine, "x"}.remove());
  ok(value<>{mine, "x"}.set("a"));
}

TEST_F(handles, names_and_types_must_be_known) {
  EXPECT_EQ((counter{mine, ""}.set(1).get().code()), absl::StatusCode::kInvalidArgument);
  absl::Status status;
  mine->command({"x", "no such type"}, "?", [&](const auto& r) { status = r.status(); });
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(handles, an_ended_session_refuses_calls) {
  const counter c{mine, "c"};
  std::vector<session_state> states;
  mine->watch_state([&](session_state s) { states.push_back(s); });
  replica.close(mine);
  EXPECT_EQ(certainty_of(c.increment_and_get().get().status()), certainty::not_done);
  EXPECT_FALSE(c.get().get().ok());
  EXPECT_EQ(states, (std::vector{session_state::connected, session_state::closed}));
  EXPECT_EQ(ok(counter{yours, "c"}.get()), 0);
}

TEST_F(handles, any_session_can_be_made_to_expire) {
  for (const std::uint64_t timeout_ms : {1U, 499U, 500U, 60'000U}) {
    const auto session = replica.connect(timeout_ms);
    replica.expire(session);
    EXPECT_EQ(session->state(), session_state::expired) << timeout_ms;
  }
}

TEST_F(handles, healthy_sessions_outlive_any_time) {
  replica.advance(100'000);
  EXPECT_EQ(mine->state(), session_state::connected);
  replica.expire(mine);
  EXPECT_EQ(mine->state(), session_state::expired);
  EXPECT_EQ(yours->state(), session_state::connected);
}

}  // namespace
}  // namespace atomix
