// SPDX-License-Identifier: Apache-2.0
// The client's end of a session against a server that the test plays.
#include "resources/session.pb.h"

#include "tests/actors/scripted_server.hpp"

namespace atomix::actors {
namespace {

using strings = std::vector<std::string>;

// Also when the next server that it asks lags behind.
TEST_F(scripted, a_query_sees_what_the_session_has_seen) {
  connect();
  query("a", told, "first");
  EXPECT_EQ(request(body::kQuery).query().seen_index(), id) << "its opening";
  respond({answer(1, 12)});
  ASSERT_TRUE(told.await("first ok"));
  query("b", told, "second");
  EXPECT_EQ(request(body::kQuery, 2).query().seen_index(), 12U);
  respond({answer(2, 9)});
  ASSERT_TRUE(told.await("second ok"));
  command("c", told, "command");
  (void)request(body::kCommand);
  respond({reply(1, 20)});
  ASSERT_TRUE(told.await("command ok"));
  query("d", told, "third");
  EXPECT_EQ(request(body::kQuery, 3).query().seen_index(), 20U);
}

// Whoever hears of a change and looks must see it.
TEST_F(scripted, a_query_sees_what_the_session_was_told_of) {
  connect();
  session->listen("r", [&](index_t, std::string_view) { told.add("event"); });
  respond({event(1, 15, 0)});
  ASSERT_TRUE(told.await("event"));
  query("a", told, "query");
  EXPECT_EQ(request(body::kQuery).query().seen_index(), 15U);
}

TEST_F(scripted, calls_count_for_the_limit_until_they_are_answered) {
  outstanding_bytes_max = 100;
  connect();
  for (std::uint64_t i = 1; i <= 5; ++i) {
    const auto name = absl::StrCat(i);
    query(std::string(60, 'q'), told, name);
    (void)request(body::kQuery, i);
    query(std::string(60, 'q'), told, absl::StrCat(name, " beside"));
    ASSERT_TRUE(told.await(absl::StrCat(name, " beside RESOURCE_EXHAUSTED")));
    respond({answer(i, i)});
    ASSERT_TRUE(told.await(absl::StrCat(name, " ok")));
  }
}

TEST_F(scripted, codes_that_do_not_exist_are_unknown) {
  connect();
  command("a", told, "command");
  (void)request(body::kCommand);
  respond({reply(1, 10, 4'000'000'000U)});
  EXPECT_TRUE(told.await("command UNKNOWN"));
}

// The cluster counts commands as signs of life. The client counts what was confirmed.
TEST_F(scripted, keeps_its_session_alive_while_calls_are_under_way) {
  start(2'000);
  accept();
  open_session(2'000);
  answer_pings();
  (void)request(body::kKeepAlive);
  command("a", told, "command");
  (void)request(body::kCommand);
  EXPECT_EQ(request(body::kKeepAlive, 2).keep_alive().session(), id);
  EXPECT_EQ(requests_of(body::kAttach), 1U) << "it stayed where it was";
}

TEST_F(scripted, leaves_a_server_that_has_fallen_silent) {
  connect();
  EXPECT_TRUE(server.dials.await([](const auto& all) { return all.size() == 2; }));
  EXPECT_GE(requests_of(body::kPing), 1U) << "it was asked whether it lives";
}

// What an earlier term of the same leader has forgotten is told to the new one.
TEST_F(scripted, is_taken_up_again_when_its_leader_is_elected_again) {
  connect();
  answer_pings();
  (void)request(body::kKeepAlive);
  respond({kept(0)});
  respond({pong(2, 1)});
  (void)request(body::kAttach, 2);
}

TEST_F(scripted, is_taken_up_again_if_nobody_confirms_that_it_lives) {
  connect();
  answer_pings();
  (void)request(body::kAttach, 2);
  EXPECT_GE(requests_of(body::kKeepAlive), 1U);
}

TEST_F(scripted, is_connected_again_only_when_the_cluster_has_confirmed_it) {
  connect();
  respond({pong(2, 0)});
  ASSERT_TRUE(states.await(session_state::suspended));
  EXPECT_EQ(server.dials.all().size(), 1U) << "it is at once, and waits for the next leader there";
  respond({pong(3, 1)});
  (void)request(body::kAttach, 2);
  EXPECT_EQ(states.all().back(), session_state::suspended);
  respond({kept(0)});
  EXPECT_TRUE(states.await([](const auto& all) { return all.back() == session_state::connected; }));
}

// A candidate's term is lost if its machine fails before it is durable: the cluster goes on below.
TEST_F(scripted, does_not_hold_on_to_a_term_that_nobody_won) {
  connect();
  respond({pong(9, 0)});
  ASSERT_TRUE(states.await(session_state::suspended));
  respond({pong(2, 1)});
  (void)request(body::kAttach, 2);
}

// It used to stay where it was, for as long as the new leader could not be dialled.
TEST_F(scripted, leaves_a_server_that_does_not_lead_any_more) {
  connect();
  wire::Response away;
  away.mutable_redirect()->mutable_leadership()->set_term(2);
  away.mutable_redirect()->mutable_leadership()->set_leader(99);
  respond({away});
  EXPECT_TRUE(states.await(session_state::suspended));
  EXPECT_TRUE(server.dials.await([](const auto& all) { return all.size() == 2; }));
}

TEST_F(scripted, expires_by_itself_when_the_cluster_confirms_nothing) {
  start(500);
  accept();
  open_session(500);
  command("a", told, "command");
  // The connection is well all the time, as pongs say.
  answer_pings();
  EXPECT_TRUE(states.await(session_state::expired));
  EXPECT_TRUE(told.await("command ABORTED"));
}

TEST_F(scripted, lives_as_long_as_keep_alives_are_confirmed) {
  start(500);
  accept();
  open_session(500);
  // Each is sent a quarter of the timeout after the one before: two timeouts' worth.
  for (std::size_t i = 1; i <= 8; ++i) {
    log::Entry entry;
    ASSERT_TRUE(entry.ParseFromString(request(body::kKeepAlive, i).keep_alive().entry()));
    respond({kept(entry.keep_alive().sent_ms()), pong(1, 1)});
  }
  EXPECT_EQ(session->state(), session_state::connected);
}

TEST_F(scripted, asks_again_for_an_event_that_was_lost_but_not_for_one_that_waits) {
  connect();
  session->listen("r", [&](index_t i, std::string_view) { told.add(absl::StrCat(i.value())); });
  command("a", told, "command");
  (void)request(body::kCommand);
  auto k = kept(0);
  k.mutable_session_kept()->set_last_event(1);
  // It is here, but comes after the reply.
  respond({event(1, 10, 1), k});
  EXPECT_EQ(requests_of(body::kAttach), 1U);
  respond({reply(1, 10)});
  ASSERT_TRUE(told.await("10"));
  k.mutable_session_kept()->set_last_event(2);
  respond({k});
  EXPECT_EQ(request(body::kAttach, 2).attach().events_seen(), 1U);
}

// All of it in one frame used to stop the client's process.
TEST_F(scripted, takes_a_session_up_again_in_frames_of_bounded_size) {
  connect();
  answer_pings();
  // 32 MiB may be on their way: one more is too much.
  constexpr std::size_t fit = 33;
  for (std::size_t i = 0; i < fit + 1; ++i)
    command(std::string(1'000'000, 'x'), told, "command");
  ASSERT_TRUE(told.await("command RESOURCE_EXHAUSTED"));
  (void)request(body::kCommand, fit);
  here([&](caf::actor_system&, const world&) { server.hang_up(); });
  accept();
  (void)request(body::kCommand, 2 * fit);
  for (const auto size : server.frame_sizes.all())
    EXPECT_LT(size, 3U << 20U);
  // In order, too. Nothing was answered, so each time it is all of them.
  std::uint64_t expected = 1;
  for (const auto& r : server.requests.all()) {
    if (!r.has_command()) continue;
    EXPECT_EQ(r.command().sequence(), expected);
    expected = expected == fit ? 1 : expected + 1;
  }
}

TEST_F(scripted, bounds_what_waits_for_a_session_to_open) {
  outstanding_max = 3;
  start();
  for (int i = 0; i < 4; ++i)
    command("a", told, absl::StrCat(i));
  EXPECT_TRUE(told.await("3 RESOURCE_EXHAUSTED"));
  EXPECT_EQ(told.all().size(), 1U);
  accept();
  open_session();
  (void)request(body::kCommand, 3);
}

TEST_F(scripted, a_session_that_others_closed_has_expired) {
  connect();
  command("a", told, "answered");
  command("b", told, "unanswered");
  (void)request(body::kCommand, 2);
  wire::Response gone;
  gone.mutable_session_gone()->set_session(id);
  gone.mutable_session_gone()->set_closed(true);
  respond({reply(1, 10), gone});
  EXPECT_TRUE(states.await(session_state::expired));
  EXPECT_TRUE(told.await("unanswered ABORTED"));
  EXPECT_EQ(told.all().front(), "answered ok");
}

// The answer may be to the first request, and the session as old as that.
TEST_F(scripted, asks_for_another_session_when_half_the_time_of_the_first_may_be_over) {
  start(3'900);
  accept();
  const auto token_of = [this](std::size_t count) {
    return request(body::kOpenSession, count).open_session().token();
  };
  const auto first = token_of(1);
  respond({pong(2, 1)});
  EXPECT_EQ(token_of(2), first);
  answer_pings();
  EXPECT_NE(token_of(3), first) << "nobody had answered for 2 s";
  open_session(3'900, 3);
}

TEST_F(scripted, an_answer_that_is_as_old_as_a_session_may_become_opens_none) {
  start();
  accept();
  const auto first = request(body::kOpenSession).open_session().token();
  const auto ping = request(body::kPing);
  wire::Response opened;
  opened.mutable_session_opened()->set_token(first);
  opened.mutable_session_opened()->set_session(id);
  opened.mutable_session_opened()->set_timeout_ms(10);  // less than it took until the ping
  respond({opened});
  EXPECT_NE(request(body::kOpenSession, 2).open_session().token(), first);
  EXPECT_EQ(states.all(), std::vector{session_state::connecting});
}

// Who calls as well as listens need not wait for the next keep-alive.
TEST_F(scripted, a_command_acknowledges_the_events_before_it) {
  connect();
  session->listen("r", [&](index_t, std::string_view) { told.add("event"); });
  respond({event(1, 15, 0)});
  ASSERT_TRUE(told.await("event"));
  command("a", told, "command");
  log::Entry entry;
  ASSERT_TRUE(entry.ParseFromString(request(body::kCommand).command().entry()));
  EXPECT_EQ(entry.command().events_seen(), 1U);
}

// The next keep-alive would be 15 s away, and servers keep what is not acknowledged.
TEST_F(scripted, acknowledges_many_events_at_once) {
  connect();
  answer_pings();
  (void)request(body::kKeepAlive);
  std::vector<wire::Response> many;
  for (std::uint64_t i = 1; i <= 1'000; ++i)
    many.push_back(event(i, 10 + i, 0));
  respond(many);
  log::Entry entry;
  ASSERT_TRUE(entry.ParseFromString(request(body::kKeepAlive, 2).keep_alive().entry()));
  EXPECT_EQ(entry.keep_alive().events_seen(), 1'000U);
  respond({kept(0), event(1'001, 2'000, 0)});
  command("a", told, "command");
  (void)request(body::kCommand);
  EXPECT_EQ(requests_of(body::kKeepAlive), 2U) << "one more is not many";
}

// Answers to later calls do not make up for one that was lost.
TEST_F(scripted, asks_again_for_the_oldest_answer_while_others_come) {
  connect();
  answer_pings();
  (void)request(body::kKeepAlive);
  respond({kept(0)});
  query("a", told, "lost");
  (void)request(body::kQuery);
  for (std::uint64_t i = 2; requests_of(body::kAttach) < 2; ++i) {
    ASSERT_LT(i, 100U);
    query("b", told, absl::StrCat(i));
    (void)request(body::kQuery, i);
    respond({answer(i, 9)});
    ASSERT_TRUE(told.await(absl::StrCat(i, " ok")));
    (void)request(body::kPing, i);  // some time has passed
  }
}

TEST_F(scripted, tells_everybody_who_closes_it) {
  connect();
  for (int i = 0; i < 3; ++i)
    session->close([this, i] { closed.add(i); });
  (void)request(body::kCloseSession);
  wire::Response gone;
  gone.mutable_session_gone()->set_session(id);
  respond({gone});
  EXPECT_TRUE(closed.await([](const auto& all) { return all.size() == 3; }));
  session->close([&] { closed.add(3); });
  EXPECT_TRUE(closed.await(3));
  EXPECT_EQ(session->state(), session_state::closed);
}

// The word of the closing used to get lost with the actor, and who waited for it waited for ever.
TEST_F(scripted, tells_who_closes_it_while_it_ends) {
  connect();
  command("a", told, "unanswered");
  session->command(
      {"b", "counter"}, "", [this](const auto&) { session->close([this] { closed.add(0); }); });
  (void)request(body::kCommand, 2);
  wire::Response gone;
  gone.mutable_session_gone()->set_session(id);
  respond({reply(2, 11), gone});
  EXPECT_TRUE(closed.await(0));
}

TEST_F(scripted, closing_comes_behind_the_commands_before_it) {
  connect();
  here([&](caf::actor_system&, const world&) { server.hang_up(); });
  ASSERT_TRUE(states.await(session_state::suspended));
  command("a", told, "command");
  session->close({});
  accept();
  (void)request(body::kCloseSession);
  const auto all = server.requests.all();
  const auto kind_is = [](body kind) {
    return [kind](const auto& r) {
      return r.body_case() == kind;
    };
  };
  const auto sent = std::find_if(all.begin(), all.end(), kind_is(body::kCommand));
  EXPECT_LT(sent, std::find_if(all.begin(), all.end(), kind_is(body::kCloseSession)));
}

TEST_F(scripted, a_refusal_by_every_server_ends_it) {
  start();
  ASSERT_TRUE(server.dials.await([](const auto& all) { return !all.empty(); }));
  wire::Refusal refusal;
  refusal.set_code(static_cast<std::uint32_t>(absl::StatusCode::kFailedPrecondition));
  refusal.set_message("another cluster");
  here([&](caf::actor_system&, const world&) {
    server.open();
    server.say(net::frame_type::refusal, refusal);
  });
  EXPECT_TRUE(states.await(session_state::closed));
  EXPECT_EQ(session->troubles(), "scripted:1: another cluster");
}

TEST_F(scripted, nobody_waits_for_a_session_whose_thread_is_gone) {
  connect();
  command("a", told, "command");
  (void)request(body::kCommand);
  life.reset();
  EXPECT_EQ(told.all(), strings{"command ABORTED"});
  EXPECT_EQ(session->state(), session_state::closed);
  command("b", told, "late");
  EXPECT_EQ(told.all().back(), "late FAILED_PRECONDITION");
}

TEST_F(scripted, state_listeners_hear_each_state_once_and_the_present_one_first) {
  connect();
  session->watch_state([&](session_state s) { late.add(s); });
  respond({pong(2, 0)});
  ASSERT_TRUE(late.await(session_state::suspended));
  EXPECT_EQ(
      late.all(), (std::vector<session_state>{session_state::connected, session_state::suspended}));
}

}  // namespace
}  // namespace atomix::actors
