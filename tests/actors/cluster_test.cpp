// SPDX-License-Identifier: Apache-2.0
// Replicas and clients that are well: every handle, events, sessions.
#include <atomic>

#include "tests/actors/running_cluster.hpp"
#include "tests/actors/stopwatch.hpp"

namespace atomix {
namespace {

class cluster : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    shared = new running_cluster{3};
    shared->start_all();
  }
  static void TearDownTestSuite() {
    delete shared;
    shared = nullptr;
  }
  static running_cluster* shared;
};
running_cluster* cluster::shared = nullptr;

TEST_F(cluster, serves_every_handle) {
  const auto c = shared->connect();
  const auto v = c.get<value<std::string>>("every.value");
  EXPECT_TRUE(await(v.set("one")).ok());
  EXPECT_EQ(*await(v.get()), "one");
  EXPECT_EQ(*await(v.get(consistency::sequential)), "one");
  EXPECT_EQ(*await(c.get<counter>("every.counter").add_and_get(5)), 5);
  const auto m = c.get<map<std::string, int>>("every.map");
  EXPECT_EQ(await(m.put("k", 1))->has_value(), false);
  EXPECT_EQ(*await(m.get("k")), 1);
  const auto l = c.get<lock>("every.lock");
  EXPECT_TRUE(await(l.acquire()).ok());
  EXPECT_EQ(*await(l.release()), true);
  log_of<std::uint64_t> elected;
  const auto e = c.get<election>("every.election");
  EXPECT_TRUE(await(e.run("me", [&](index_t epoch) { elected.add(epoch.value()); })).ok());
  EXPECT_TRUE(elected.await([](const auto& all) { return all.size() == 1; }));
  EXPECT_EQ(await(e.leader())->value().candidate, "me");
  EXPECT_EQ(*await(c.exists("every.map")), true);
  EXPECT_EQ(*await(c.exists("every.thing")), false);
}

TEST_F(cluster, gives_replicas_the_same_handles) {
  const auto here = shared->at(0).get<counter>("replicas");
  const auto there = shared->at(1).get<counter>("replicas");
  EXPECT_EQ(*await(here.increment_and_get()), 1);
  EXPECT_EQ(*await(there.increment_and_get()), 2);
}

// Two sessions that share a thread used to have the same token, hence were the same session.
TEST_F(cluster, sessions_on_one_thread_are_different_sessions) {
  const auto one = shared->connect();
  const auto two = one.another();
  ASSERT_TRUE(two.ok()) << two.status();
  EXPECT_TRUE(await(one.get<lock>("distinct").acquire()).ok());
  const auto second = await(two->get<lock>("distinct").try_acquire());
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_FALSE(second->has_value());
}

TEST_F(cluster, tells_events_in_order_and_each_once) {
  constexpr int writes = 500;
  const auto writer = shared->connect();
  const auto reader = shared->connect();
  log_of<std::int64_t> seen;
  const auto listening = reader.get<counter>("events").on_change(
      [&](const counter_change& change) { seen.add(change.new_value); });
  ASSERT_TRUE(await(listening.ready()).ok());
  const auto c = writer.get<counter>("events");
  std::optional<future<std::int64_t>> last;
  for (int i = 0; i < writes; ++i)
    last = c.increment_and_get();
  EXPECT_EQ(*await(*last), writes);
  ASSERT_TRUE(seen.await([](const auto& all) { return all.size() >= writes; }));
  const auto all = seen.all();
  ASSERT_EQ(all.size(), writes);
  for (int i = 0; i < writes; ++i)
    EXPECT_EQ(all[static_cast<std::size_t>(i)], i + 1);
}

TEST_F(cluster, a_session_hears_its_own_event_after_the_reply_that_caused_it) {
  const auto c = shared->connect();
  const auto n = c.get<counter>("own events");
  log_of<std::string> order;
  const auto listening = n.on_change(
      [&](const counter_change& change) { order.add(absl::StrCat("event ", change.new_value)); });
  ASSERT_TRUE(await(listening.ready()).ok());
  on_thread_of(c, [&] {
    for (int i = 1; i <= 3; ++i)
      n.increment_and_get().then(
          [&](const absl::StatusOr<std::int64_t>& r) { order.add(absl::StrCat("reply ", *r)); });
  });
  ASSERT_TRUE(order.await([](const auto& all) { return all.size() == 6; }));
  const std::vector<std::string> expected{
      "reply 1", "event 1", "reply 2", "event 2", "reply 3", "event 3"};
  EXPECT_EQ(order.all(), expected);
}

TEST_F(cluster, closing_a_client_frees_what_it_holds_at_once) {
  std::optional<client> holder{shared->connect()};
  ASSERT_TRUE(await(holder->get<lock>("closing").acquire()).ok());
  const auto waiter = shared->connect();
  const auto waits = waiter.get<lock>("closing").acquire();
  const atomix::stopwatch watch;
  holder->close();
  EXPECT_TRUE(await(waits).ok());
  // Long before the session's timeout would have freed it.
  EXPECT_LT(watch.elapsed(), std::chrono::seconds{3});
}

TEST_F(cluster, calls_before_a_close_are_done_and_those_after_it_fail) {
  auto c = shared->connect();
  const auto n = c.get<counter>("close order");
  const auto before = n.increment_and_get();
  c.close();
  EXPECT_EQ(*await(before), 1);
  const auto after = await(n.increment_and_get());
  EXPECT_TRUE(absl::IsFailedPrecondition(after.status())) << after.status();
  EXPECT_EQ(certainty_of(after.status()), certainty::not_done);
  EXPECT_EQ(c.state(), session_state::closed);
  EXPECT_EQ(*await(shared->connect().get<counter>("close order").get()), 1);
}

TEST_F(cluster, handles_may_outlive_their_client) {
  std::optional<counter> left;
  {
    const auto c = shared->connect();
    left = c.get<counter>("outlive");
    EXPECT_EQ(*await(left->increment_and_get()), 1);
  }
  EXPECT_TRUE(absl::IsFailedPrecondition(await(left->get()).status()));
}

TEST_F(cluster, a_listener_may_hold_the_last_of_a_handle) {
  const auto c = shared->connect();
  std::optional<election> office{c.get<election>("held by its listener")};
  subscription hears = office->on_change([last = *office](const election_change&) {});
  office.reset();
  ASSERT_TRUE(await(hears.ready()).ok());
  hears = {};
  EXPECT_TRUE(await(c.get<counter>("goes on").increment_and_get()).ok());
}

// Such a handle ends with the session's listeners, and takes its own away.
TEST_F(cluster, a_listener_may_hold_the_last_of_a_handle_at_the_end_of_its_session) {
  auto c = shared->connect();
  std::optional<election> office{c.get<election>("held to the end")};
  const subscription hears = office->on_change([last = *office](const election_change&) {});
  office.reset();
  ASSERT_TRUE(await(hears.ready()).ok());
  c.close();
  EXPECT_EQ(c.state(), session_state::closed);
  EXPECT_TRUE(await(shared->connect().get<counter>("goes on").increment_and_get()).ok());
}

TEST_F(cluster, a_client_may_be_destroyed_by_its_own_completion) {
  auto c = std::make_shared<std::optional<client>>(shared->connect());
  const auto n = (*c)->get<counter>("suicide");
  const promise<void> gone;
  on_thread_of(**c, [&] {
    n.increment_and_get().then([c, gone](const absl::StatusOr<std::int64_t>&) {
      c->reset();
      gone.set(absl::OkStatus());
    });
  });
  EXPECT_TRUE(await(gone.get_future()).ok());
  const auto late = await(n.get()).status();
  EXPECT_TRUE(absl::IsFailedPrecondition(late)) << late;
}

TEST_F(cluster, refuses_what_it_does_not_know) {
  const auto c = shared->connect();
  EXPECT_TRUE(await(c.get<counter>("typed").set(1)).ok());
  const auto other = await(c.get<value<>>("typed").set("x"));
  EXPECT_TRUE(absl::IsFailedPrecondition(other)) << other;
  EXPECT_NE(std::string(other.message()).find("is a counter, not a value"), std::string::npos);
  EXPECT_EQ(certainty_of(other), certainty::not_done);
  EXPECT_FALSE(await(c.get<value<>>("typed").get()).ok());
  const auto removed = await(c.get<value<>>("typed").remove());
  EXPECT_TRUE(absl::IsFailedPrecondition(removed)) << removed;
  EXPECT_EQ(*await(c.get<counter>("typed").get()), 1);
  const auto nameless = await(c.get<counter>("").set(1));
  EXPECT_TRUE(absl::IsInvalidArgument(nameless)) << nameless;
}

TEST_F(cluster, refuses_an_operation_that_is_too_large_and_goes_on) {
  const auto c = shared->connect();
  const auto v = c.get<value<>>("oversize");
  const auto refused = await(v.set(std::string(5U << 20U, 'x')));
  EXPECT_TRUE(absl::IsInvalidArgument(refused)) << refused;
  EXPECT_EQ(certainty_of(refused), certainty::not_done);
  EXPECT_TRUE(await(v.set(std::string(3U << 20U, 'x'))).ok());
  EXPECT_EQ(await(v.get())->value().size(), 3U << 20U);
}

// An answer larger than a frame used to stop the server.
TEST_F(cluster, refuses_an_answer_that_is_too_large_and_lives) {
  const auto c = shared->connect();
  const auto m = c.get<map<int, std::string>>("huge");
  for (int i = 0; i < 12; ++i)
    ASSERT_TRUE(await(m.set(i, std::string(3U << 20U, 'x'))).ok());
  const auto all = await(m.values());
  EXPECT_TRUE(absl::IsResourceExhausted(all.status())) << all.status();
  const auto some = await(m.entries_after({}, 10));
  ASSERT_EQ(some->size(), 10U);
  EXPECT_EQ(await(m.entries_after(some->back().first, 10))->size(), 2U);
  EXPECT_EQ(*await(m.size()), 12U);
  EXPECT_TRUE(await(m.remove()).ok());
}

TEST_F(cluster, names_are_bytes) {
  const auto c = shared->connect();
  const std::string latin_1 = "caf\xe9";
  EXPECT_EQ(*await(c.get<counter>(latin_1).increment_and_get()), 1);
  EXPECT_EQ(*await(c.exists(latin_1)), true);
}

TEST(catalog, that_is_too_large_is_refused_and_does_no_harm) {
  running_cluster servers{1};
  servers.start_all();
  const auto c = servers.connect();
  for (const char letter : {'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i'})
    ASSERT_TRUE(await(c.get<counter>(std::string(4'000'000U, letter)).increment_and_get()).ok());
  EXPECT_TRUE(absl::IsResourceExhausted(await(c.resources()).status()));
  EXPECT_EQ(*await(c.exists(std::string(4'000'000U, 'a'))), true);
}

TEST_F(cluster, another_session_is_not_waited_for_on_the_thread_that_it_needs) {
  const auto c = shared->connect();
  absl::Status tried;
  on_thread_of(c, [&] { tried = c.another().status(); });
  EXPECT_TRUE(absl::IsFailedPrecondition(tried)) << tried;
}

TEST_F(cluster, deleted_resources_start_afresh) {
  const auto c = shared->connect();
  const auto n = c.get<counter>("deleted");
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(*await(n.add_and_get(7)), 7);
    EXPECT_TRUE(await(n.remove()).ok());
  }
  EXPECT_EQ(*await(c.exists("deleted")), false);
}

TEST_F(cluster, what_only_takes_back_makes_no_resource) {
  const auto c = shared->connect();
  const auto gone = c.get<counter>("taken.back");
  subscription heard = gone.on_change([](const counter_change&) {});
  EXPECT_TRUE(await(gone.remove()).ok());
  heard.cancel();
  EXPECT_EQ(*await(c.get<lock>("taken.back").release()), false);
  EXPECT_TRUE(await(c.get<map<>>("taken.back").remove()).ok());
  EXPECT_EQ(*await(c.exists("taken.back")), false);
}

TEST_F(cluster, tells_its_status) {
  const auto c = shared->connect();
  EXPECT_TRUE(await(c.get<counter>("status").set(1)).ok());
  const auto leader = shared->leader();
  const auto s = client::status_of(shared->server(leader), long_enough);
  ASSERT_TRUE(s.ok()) << s.status();
  EXPECT_EQ(s->cluster, "atomix");
  EXPECT_EQ(s->role, "leader");
  EXPECT_EQ(s->leader, absl::StrCat("n", leader + 1));
  EXPECT_EQ(s->members.size(), 3U);
  EXPECT_GT(s->sessions, 0U);
  EXPECT_GT(s->resources, 0U);
}

TEST(single_node, serves_on_a_port_that_the_system_picks) {
  running_cluster alone{1};
  auto options = alone.options(0);
  options.listen = "127.0.0.1:0";
  auto r = replica::start(options);
  ASSERT_TRUE(r.ok()) << r.status();
  auto c = client::connect(r->address());
  ASSERT_TRUE(c.ok()) << c.status();
  EXPECT_EQ(*await(c->get<counter>("n").increment_and_get()), 1);
  EXPECT_EQ(*await(r->get<counter>("n").increment_and_get()), 2);
}

}  // namespace
}  // namespace atomix
