// SPDX-License-Identifier: Apache-2.0
// How long a client believes in its session, to the millisecond of its own clock.
#include "sim/process.hpp"

#include "resources/session.pb.h"

#include "tests/actors/scripted_server.hpp"

namespace atomix::actors {
namespace {

using sim::millisecond;

/// A session of two seconds on virtual time; the client gives it up a tenth sooner.
struct session_time : testing::Test {
  sim::world at{1};
  sim::process life{at, "c1", sim::local_clock{}};
  scripted_server server;
  session_state state = session_state::connecting;
  std::shared_ptr<session> subject;

  session_time() {
    world outside;
    outside.network = &server;
    session_options options;
    options.servers = {net::address{"scripted", 1}};
    options.timeout_ms = 2000;
    subject = start_session(life.system(), outside, options);
    subject->watch_state([this](session_state s) { state = s; });
    pass(1);
    wire::ServerHello hello;
    hello.set_id(1);
    hello.mutable_leadership()->set_leader(1);
    hello.mutable_leadership()->set_term(1);
    server.greet_with(std::move(hello));
    pass(1);
    wire::Response opened;
    opened.mutable_session_opened()->set_token(server.requests.all().back().open_session().token());
    opened.mutable_session_opened()->set_session(7);
    opened.mutable_session_opened()->set_timeout_ms(2000);
    answer(opened);
    wire::ResponseBatch well;
    well.add_responses()->mutable_pong()->mutable_leadership()->set_term(1);
    well.mutable_responses(0)->mutable_pong()->mutable_leadership()->set_leader(1);
    server.answer_pings(well);
  }
  ~session_time() override {
    subject.reset();
    life.kill();
  }

  void pass(std::uint64_t ms) { at.run_until(at.now() + ms * millisecond); }
  void answer(const wire::Response& one) {
    wire::ResponseBatch batch;
    *batch.add_responses() = one;
    server.say(net::frame_type::responses, batch);
    pass(1);
  }
  void confirm(std::uint64_t sent_ms) {
    wire::Response kept;
    kept.mutable_session_kept()->set_session(7);
    kept.mutable_session_kept()->set_sent_ms(sent_ms);
    answer(kept);
  }
  /// When the newest keep-alive was sent, by the session's clock.
  [[nodiscard]] std::uint64_t last_asked() {
    std::uint64_t sent = 0;
    for (const wire::Request& r : server.requests.all()) {
      log::Entry entry;
      if (r.has_keep_alive() && entry.ParseFromString(r.keep_alive().entry()))
        sent = entry.keep_alive().sent_ms();
    }
    return sent;
  }
  void until(std::uint64_t ms) { at.run_until(ms * millisecond); }
};

TEST_F(session_time, lives_while_it_is_confirmed) {
  for (int i = 0; i < 20; ++i) {
    pass(500);
    confirm(last_asked());
  }
  EXPECT_EQ(state, session_state::connected);
}

// The cluster counts from the entry that it confirms, which is not older than the question. An
// answer that took long must not lengthen what the client believes.
TEST_F(session_time, is_believed_in_from_the_question_on_however_late_the_answer) {
  pass(600);
  const auto asked = last_asked();
  ASSERT_GT(asked, 0U);
  pass(900);
  confirm(asked);
  until(asked + 1799);
  EXPECT_EQ(state, session_state::connected);
  until(asked + 1801);
  EXPECT_EQ(state, session_state::expired);
}

// Its pings are what its server answers, and it sent none.
TEST_F(session_time, does_not_hold_it_against_its_server_that_it_slept_itself) {
  pass(500);
  confirm(last_asked());
  life.jump_clock(1 * sim::second);
  pass(300);
  EXPECT_EQ(server.dials.all().size(), 1U);
  EXPECT_EQ(state, session_state::connected);
}

// A round trip for the connection, and another one for the hello.
TEST_F(session_time, waits_for_the_hello_from_the_connection_on) {
  const wire::ServerHello as_before = *server.greeting();
  server.hang_up();
  pass(250);
  server.open();
  pass(400);
  EXPECT_EQ(server.dials.all().size(), 2U);
  server.say(net::frame_type::server_hello, as_before);
  pass(1);
  confirm(last_asked());
  EXPECT_EQ(state, session_state::connected);
}

// Behind a tunnel or another name, the one that members call each other by leads nowhere.
TEST_F(session_time, comes_back_by_the_address_that_has_worked) {
  wire::ServerHello hello = *server.greeting();
  wire::Member& self = *hello.add_members();
  self.set_id(1);
  self.set_name("n1");
  self.set_address("elsewhere:9");
  for (int lost = 1; lost <= 2; ++lost) {
    server.hang_up();
    pass(1);
    server.greet_with(hello);
    pass(600);
    confirm(last_asked());
  }
  for (const net::address& dialled : server.dials.all())
    EXPECT_EQ(dialled.host, "scripted");
}

// Dials are spread out when they lead nowhere, not because some did so long ago.
TEST_F(session_time, dials_at_once_however_often_it_was_taken_up_before) {
  for (std::size_t lost = 1; lost <= 5; ++lost) {
    const wire::ServerHello as_before = *server.greeting();
    server.hang_up();
    pass(1);
    ASSERT_EQ(server.dials.all().size(), 1 + lost) << "at the first loss of a connection";
    server.greet_with(as_before);
    pass(600);
    confirm(last_asked());
    ASSERT_EQ(state, session_state::connected);
  }
}

// Nor does one that names a time which has not come.
TEST_F(session_time, is_not_believed_in_longer_for_an_answer_from_the_future) {
  pass(600);
  const auto asked = last_asked();
  confirm(asked + 100'000);
  until(asked + 1801);
  EXPECT_EQ(state, session_state::expired);
}

// The process was stopped for longer than the session lasts. What it held belongs to others by now.
TEST_F(session_time, is_over_before_the_answers_that_it_slept_through) {
  absl::Status told;
  subject->command({"r", "t"}, "acquire", [&](const auto& r) { told = r.status(); });
  pass(1);
  wire::ResponseBatch granted;
  granted.add_responses()->mutable_reply()->set_session(7);
  granted.mutable_responses(0)->mutable_reply()->set_sequence(1);
  granted.mutable_responses(0)->mutable_reply()->set_index(9);
  server.say(net::frame_type::responses, granted);
  life.jump_clock(5 * sim::second);
  pass(1);
  EXPECT_TRUE(absl::IsAborted(told)) << told;
  EXPECT_EQ(state, session_state::expired);
}

}  // namespace
}  // namespace atomix::actors
