// SPDX-License-Identifier: Apache-2.0
// The order in which a session tells its user of replies, events and answers to queries.
#include "tests/actors/scripted_server.hpp"

namespace atomix::actors {
namespace {

using strings = std::vector<std::string>;

TEST_F(scripted, replies_come_in_the_order_of_calls_whatever_the_order_of_arrival) {
  connect();
  command("a", told, "first");
  command("b", told, "second");
  (void)request(body::kCommand, 2);
  respond({reply(2, 11)});
  respond({reply(2, 11), reply(1, 10), reply(1, 10)});
  ASSERT_TRUE(told.await([](const auto& all) { return all.size() == 2; }));
  EXPECT_EQ(told.all(), (strings{"first ok", "second ok"}));
}

// A refused command has its place in the log too.
TEST_F(scripted, an_event_comes_before_a_later_reply_that_is_an_error) {
  connect();
  session->listen("r", [&](index_t, std::string_view) { told.add("event"); });
  command("a", told, "command");
  (void)request(body::kCommand);
  respond({reply(1, 10, 9), event(1, 5, 0)});
  ASSERT_TRUE(told.await([](const auto& all) { return all.size() == 2; }));
  EXPECT_EQ(told.all(), (strings{"event", "command FAILED_PRECONDITION"}));
}

TEST_F(scripted, events_come_before_the_answer_to_a_query_that_saw_them) {
  connect();
  session->listen("r", [&](index_t, std::string_view) { told.add("event"); });
  query("a", told, "query");
  (void)request(body::kQuery);
  respond({event(1, 15, 0), answer(1, 20)});
  ASSERT_TRUE(told.await([](const auto& all) { return all.size() == 2; }));
  EXPECT_EQ(told.all(), (strings{"event", "query ok"}));
}

// The reply was lost with a connection, and comes again through the log; the query is answered at
// once by whoever leads next. Others do not wait for that event.
TEST_F(scripted, the_answer_to_a_query_waits_for_events_that_wait_for_replies) {
  connect();
  session->listen("r", [&](index_t, std::string_view) { told.add("event"); });
  command("a", told, "command");
  query("b", told, "older");
  query("c", told, "query");
  query("d", told, "later");
  (void)request(body::kQuery, 3);
  respond({event(1, 15, 1), answer(1, 14), answer(2, 15), answer(3, 15)});
  ASSERT_TRUE(told.await("older ok"));
  respond({reply(1, 10)});
  ASSERT_TRUE(told.await("later ok"));
  EXPECT_EQ(told.all(), (strings{"older ok", "command ok", "event", "query ok", "later ok"}));
}

TEST_F(scripted, the_answer_of_a_server_that_leads_no_more_does_not_count) {
  connect();
  query("a", told, "query");
  (void)request(body::kQuery);
  respond({pong(2, 0), answer(1, 15)});
  ASSERT_TRUE(states.await(session_state::suspended));
  respond({pong(2, 1)});
  (void)request(body::kQuery, 2);
  EXPECT_EQ(told.all(), strings{});
  respond({answer(1, 20)});
  ASSERT_TRUE(told.await("query ok"));
}

TEST_F(scripted, an_answer_that_waits_for_events_is_told_at_the_end) {
  connect();
  session->listen("r", [&](index_t, std::string_view) { told.add("event"); });
  session->watch_state([&](session_state s) {
    if (s == session_state::expired) told.add("the end");
  });
  command("a", told, "command");
  query("b", told, "query");
  (void)request(body::kQuery);
  wire::Response gone;
  gone.mutable_session_gone()->set_session(id);
  respond({event(1, 15, 1), answer(1, 15), gone});
  ASSERT_TRUE(told.await([](const auto& all) { return all.size() == 3; }));
  EXPECT_EQ(told.all(), (strings{"query ok", "the end", "command ABORTED"}));
}

// What it is about, a lock say, may be another's by then.
TEST_F(scripted, an_answer_that_waited_for_an_earlier_one_ends_with_the_session) {
  start(1'000);
  accept();
  open_session(1'000);
  answer_pings();
  command("a", told, "unanswered");
  command("b", told, "held back");
  (void)request(body::kCommand, 2);
  respond({reply(2, 11)});
  EXPECT_TRUE(states.await(session_state::expired));
  ASSERT_TRUE(told.await([](const auto& all) { return all.size() == 2; }));
  EXPECT_EQ(told.all(), (strings{"unanswered ABORTED", "held back ABORTED"}));
}

}  // namespace
}  // namespace atomix::actors
