// SPDX-License-Identifier: Apache-2.0
// Replicas that stop and come back, clients that vanish.
#include "actors/runtime.hpp"
#include "actors/session.hpp"

#include "tests/actors/running_cluster.hpp"

namespace atomix {
namespace {

TEST(failover, a_client_goes_on_and_each_call_counts_once) {
  running_cluster servers{3};
  servers.start_all();
  log_of<session_state> states;  // outlives the client, which tells it of its own end
  const auto c = servers.connect();
  c.on_state_change([&](session_state s) { states.add(s); });
  const auto held = await(c.get<lock>("kept").acquire());
  ASSERT_TRUE(held.ok());
  const auto n = c.get<counter>("n");
  constexpr int calls = 600;
  std::vector<future<std::int64_t>> results;
  for (int i = 0; i < calls; ++i) {
    results.push_back(n.increment_and_get());
    if (i == calls / 2) servers.stop(servers.leader());
  }
  for (int i = 0; i < calls; ++i)
    EXPECT_EQ(*await(results[static_cast<std::size_t>(i)]), i + 1);
  EXPECT_TRUE(states.await(session_state::suspended));
  EXPECT_TRUE(states.await([](const auto& all) { return all.back() == session_state::connected; }));
  EXPECT_EQ(*await(c.get<lock>("kept").check(held->token)), true);
}

TEST(restart, a_cluster_remembers_what_it_was_told) {
  running_cluster servers{3};
  servers.start_all();
  auto options = servers.how_to_connect();
  options.session_timeout = milliseconds{20'000};
  const auto c = servers.connect(options);
  EXPECT_EQ(*await(c.get<counter>("n").add_and_get(41)), 41);
  for (std::size_t i = 0; i < 3; ++i)
    servers.stop(i);
  const auto during = c.get<counter>("n").increment_and_get();
  servers.start_all();
  EXPECT_EQ(*await(during), 42);
  // One after the other, with the others going on.
  for (std::size_t i = 0; i < 3; ++i) {
    servers.stop(i);
    EXPECT_TRUE(await(c.get<counter>("n").increment_and_get()).ok());
    servers.start(i);
  }
  EXPECT_EQ(*await(c.get<counter>("n").get()), 45);
}

/// A client whose process ends: no goodbye, but its connections break.
struct mortal_client {
  explicit mortal_client(const client_options& how) {
    actors::session_options options;
    for (const auto& server : how.servers)
      options.servers.push_back(*net::parse_address(server));
    options.timeout_ms = 600;
    runtime->call([&](caf::actor_system& system, const actors::world& outside) {
      session = actors::start_session(system, outside, options);
    });
  }
  std::optional<actors::runtime> runtime{std::in_place, actors::disk_use::none, nullptr};
  std::shared_ptr<actors::session> session;
};

TEST(expiry, what_a_vanished_client_held_goes_to_the_next_in_line) {
  running_cluster servers{3};
  servers.start_all();
  mortal_client holder{servers.how_to_connect()};
  const auto first = await(lock{holder.session, "l"}.acquire());
  ASSERT_TRUE(first.ok());
  const auto c = servers.connect();
  const auto waits = c.get<lock>("l").acquire();
  EXPECT_EQ(await(c.get<lock>("l").state())->waiting, 1U);
  holder.runtime.reset();
  const auto second = await(waits);
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_GT(second->token, first->token);
}

TEST(expiry, who_uses_a_session_whose_thread_is_gone_is_told) {
  running_cluster servers{1};
  servers.start_all();
  log_of<session_state> states;
  mortal_client mortal{servers.how_to_connect()};
  const counter n{mortal.session, "n"};
  EXPECT_EQ(*await(n.increment_and_get()), 1);
  mortal.session->watch_state([&](session_state s) { states.add(s); });
  mortal.runtime.reset();
  EXPECT_EQ(states.all().back(), session_state::closed);
  EXPECT_TRUE(absl::IsFailedPrecondition(await(n.increment_and_get()).status()));
  const promise<void> closed;
  mortal.session->close([closed] { closed.set(absl::OkStatus()); });
  EXPECT_TRUE(await(closed.get_future()).ok());
}

TEST(expiry, a_client_cut_off_hears_of_it_before_the_cluster_gives_its_lock_away) {
  running_cluster servers{1};
  servers.start_all();
  auto options = servers.how_to_connect();
  options.session_timeout = milliseconds{500};
  const auto c = servers.connect(options);
  const auto l = c.get<lock>("l");
  log_of<std::uint64_t> lost;
  const auto listening = l.on_lost([&](lock_grant g) { lost.add(g.token.value()); });
  const auto grant = await(l.acquire());
  ASSERT_TRUE(grant.ok());
  servers.stop(0);
  EXPECT_TRUE(lost.await(grant->token.value()));
  EXPECT_EQ(c.state(), session_state::expired);
  const auto late = await(l.release());
  EXPECT_EQ(certainty_of(late.status()), certainty::not_done) << late.status();
}

TEST(expiry, a_replica_whose_session_expired_gets_another_one) {
  running_cluster servers{2};
  servers.own_session_timeout = milliseconds{500};
  servers.start_all();
  const auto before = servers.at(0).get<counter>("n");
  ASSERT_TRUE(await(before.increment_and_get()).ok());
  log_of<session_state> states;
  const auto session = servers.at(0).session();
  session->watch_state([&](session_state s) { states.add(s); });
  servers.stop(1);
  ASSERT_TRUE(states.await(session_state::expired));
  servers.start(1);
  EXPECT_EQ(*await(servers.at(0).get<counter>("n").increment_and_get()), 2);
  EXPECT_TRUE(absl::IsFailedPrecondition(await(before.get()).status()));
}

TEST(stopped_replica, has_a_session_that_fails) {
  running_cluster servers{1};
  servers.start_all();
  EXPECT_TRUE(await(servers.at(0).get<counter>("n").increment_and_get()).ok());
  servers.at(0).stop();
  EXPECT_TRUE(absl::IsFailedPrecondition(await(servers.at(0).get<counter>("n").get()).status()));
  EXPECT_FALSE(servers.at(0).is_leader());
  EXPECT_TRUE(servers.at(0).wait().ok());

  running_cluster unused{1};
  unused.start_all();
  unused.at(0).stop();
  EXPECT_TRUE(absl::IsFailedPrecondition(await(unused.at(0).get<counter>("n").get()).status()));
}

TEST(stopped_replica, may_be_stopped_by_its_own_completion) {
  running_cluster servers{1};
  servers.start_all();
  const promise<void> stopped;
  on_thread_of(servers.at(0), [&] {
    servers.at(0).get<counter>("n").increment_and_get().then(
        [&, stopped](const absl::StatusOr<std::int64_t>&) {
          EXPECT_TRUE(servers.at(0).is_leader());
          servers.at(0).stop();
          stopped.set(absl::OkStatus());
        });
  });
  EXPECT_TRUE(await(stopped.get_future()).ok());
  EXPECT_TRUE(servers.at(0).wait().ok());
}

TEST(replica_start, says_what_is_wrong) {
  running_cluster servers{2};
  servers.start(0);
  auto twice = replica::start(servers.options(0));
  EXPECT_TRUE(absl::IsFailedPrecondition(twice.status())) << twice.status();
  auto port_taken = servers.options(1);
  port_taken.listen = servers.server(0);
  EXPECT_TRUE(absl::IsAlreadyExists(replica::start(port_taken).status()));
  auto stranger = servers.options(1);
  stranger.name = "n9";
  stranger.listen = "127.0.0.1:0";
  EXPECT_TRUE(absl::IsInvalidArgument(replica::start(stranger).status()));
  auto hasty = servers.options(1);
  hasty.heartbeat = milliseconds{150};
  EXPECT_TRUE(absl::IsInvalidArgument(replica::start(hasty).status()));
  // None of this is in the way of a proper start.
  servers.start(1);
  EXPECT_EQ(*await(servers.connect().get<counter>("n").increment_and_get()), 1);
}

}  // namespace
}  // namespace atomix
