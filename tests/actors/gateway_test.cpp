// SPDX-License-Identifier: Apache-2.0
// The gateway alone: what it tells clients, message by message, while its colleagues are silent.
#include "actors/gateway.hpp"

#include "sim/process.hpp"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/actors/hearing_node.hpp"

namespace atomix::actors {
namespace {

/// Keeps what is sent.
class silent_network final : public net::transport {
 public:
  absl::StatusOr<net::address> listen(
      const net::address& local, net::connection_handler&) override {
    return local;
  }
  net::connection_id dial(const net::address&, net::connection_handler&) override { return {}; }
  void send(net::connection_id to, std::string frames) override { sent_[to] += frames; }
  void close(net::connection_id) override {}

  /// What that connection was told since the last time: "attached", "reply 4", "event 7"...
  [[nodiscard]] std::vector<std::string> said_to(net::connection_id connection) {
    std::vector<net::frame> frames;
    net::frame_parser parser;
    EXPECT_TRUE(parser.push(std::exchange(sent_[connection], {}), frames).ok());
    std::vector<std::string> words;
    for (const net::frame& f : frames) {
      if (f.type != net::frame_type::responses) continue;
      wire::ResponseBatch batch;
      const auto bytes = f.payload.view();
      EXPECT_TRUE(batch.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())));
      for (const wire::Response& r : batch.responses())
        words.push_back(words_of(r));
    }
    return words;
  }

 private:
  static std::string words_of(const wire::Response& r) {
    if (r.has_attached()) return "attached";
    if (r.has_reply()) return "reply " + std::to_string(r.reply().sequence());
    if (r.has_session_gone()) return "gone";
    if (r.has_event()) return "event " + std::to_string(r.event().number());
    return "something else";
  }

  std::map<net::connection_id, std::string> sent_;
};

struct gateway_test : testing::Test {
  const net::connection_id client{1};
  const session_id session{5};
  silent_network network;
  sim::world at{1};
  sim::process life{at, "n1", sim::local_clock{}};
  words node_heard;
  gateway_actor subject;

  gateway_test() {
    world outside;
    outside.network = &network;
    replica_setup setup;
    setup.name = "n1";
    subject = life.system().spawn(gateway, outside, setup, closing{[](net::connection_id) {
                                  }});
    colleagues others;
    others.node = life.system().spawn(hearing_node, &node_heard);
    tell(std::move(others));
    tell(leadership{term_t{1}, id_of("n1")});
    connect(client);
  }
  ~gateway_test() override {
    life.kill();
    subject = nullptr;
  }

  template <class Message>
  void tell(Message message) {
    caf::anon_send(subject, std::move(message));
    at.run_until(at.now() + 1 * sim::millisecond);
  }
  template <class Message>
  void ask(net::frame_type type, const Message& message) {
    tell(frame_of(type, message, client));
  }
  template <class Message>
  [[nodiscard]] static inbound frame_of(
      net::frame_type type, const Message& message, net::connection_id from) {
    std::string bytes;
    net::append_frame(bytes, type, message.SerializeAsString());
    inbound in{from, {}};
    net::frame_parser parser;
    EXPECT_TRUE(parser.push(bytes, in.frames).ok());
    return in;
  }
  [[nodiscard]] inbound command(std::uint64_t sequence) const {
    wire::RequestBatch batch;
    auto& request = *batch.add_requests()->mutable_command();
    request.set_session(session.value());
    request.set_sequence(sequence);
    request.set_entry("e");
    return frame_of(net::frame_type::requests, batch, client);
  }
  void connect(net::connection_id connection) {
    tell(connection_opened{connection, "somebody"});
    tell(frame_of(net::frame_type::client_hello, wire::ClientHello{}, connection));
  }
  void attach(std::uint64_t attempt, std::uint64_t next, net::connection_id connection) {
    wire::RequestBatch batch;
    auto& request = *batch.add_requests()->mutable_attach();
    request.set_session(session.value());
    request.set_next_sequence(next);
    request.set_events_seen(6);
    request.set_attempt(attempt);
    tell(frame_of(net::frame_type::requests, batch, connection));
  }
  void attach(std::uint64_t attempt, std::uint64_t next) { attach(attempt, next, client); }
  void attach() { attach(1, 4); }
  [[nodiscard]] applied_output reply(std::uint64_t sequence) const {
    applied_output out;
    out.replies.emplace_back().session = session;
    out.replies.back().reply.sequence = sequence;
    return out;
  }
  void keep_alive() {
    wire::RequestBatch batch;
    auto& request = *batch.add_requests()->mutable_keep_alive();
    request.set_session(session.value());
    request.set_entry("e");
    ask(net::frame_type::requests, batch);
  }
  void ask_atomically() {
    wire::RequestBatch batch;
    batch.add_requests()->mutable_query()->set_consistency(wire::ATOMIC);
    ask(net::frame_type::requests, batch);
  }
  [[nodiscard]] applied_output nothing_missed() const {
    applied_output out;
    out.resumed.push_back(session);
    return out;
  }
  [[nodiscard]] applied_output event(std::uint64_t number) const {
    applied_output out;
    out.events.emplace_back().session = session;
    out.events.back().event.number = number;
    return out;
  }
  [[nodiscard]] std::vector<std::string> heard() { return network.said_to(client); }
};

// What was applied between the attaching and the word of what the session had missed came first
// once: its client took the later event for the next one, and never saw the others.
TEST_F(gateway_test, a_session_hears_of_what_it_missed_before_anything_else) {
  attach();
  EXPECT_EQ(heard(), words{"attached"});
  tell(reply(4));
  tell(event(8));
  EXPECT_EQ(heard(), words{});

  applied_output missed = event(7);
  missed.events.push_back(event(8).events.front());
  missed.resumed.push_back(session);
  tell(std::move(missed));
  EXPECT_EQ(heard(), (words{"reply 4", "event 7", "event 8"}));
  tell(reply(5));
  tell(event(9));
  EXPECT_EQ(heard(), (words{"reply 5", "event 9"}));
}

// A batch may be cut into frames anywhere, and its client hands out what each frame brings.
TEST_F(gateway_test, answers_and_events_come_in_the_order_of_the_log) {
  attach();
  applied_output out;
  out.resumed.push_back(session);
  for (const std::uint64_t i : {4U, 5U, 6U}) {
    out.replies.push_back(reply(i).replies.front());
    out.replies.back().reply.index = index_t{10 * i};
  }
  for (const std::uint64_t i : {39U, 50U, 51U, 70U}) {
    out.events.push_back(event(i).events.front());
    out.events.back().event.index = index_t{i};
  }
  (void)heard();
  tell(std::move(out));
  EXPECT_EQ(
      heard(),
      (words{"event 39", "reply 4", "reply 5", "event 50", "event 51", "reply 6", "event 70"}));
}

TEST_F(gateway_test, a_session_that_attaches_again_hears_again_of_what_it_missed) {
  attach();
  tell(nothing_missed());
  attach(2, 4);
  tell(event(7));
  EXPECT_EQ(heard(), (words{"attached", "attached"}));
  tell(nothing_missed());
  tell(event(8));
  EXPECT_EQ(heard(), words{"event 8"});
}

// Clients send again what stays unanswered. While nothing can be committed the log grew by all of
// that every time, which does not help whatever holds it up.
TEST_F(gateway_test, what_is_on_its_way_is_not_proposed_again) {
  attach();
  tell(nothing_missed());
  tell(command(4));
  tell(command(5));
  node_heard.clear();
  attach(2, 4);
  tell(command(4));
  tell(command(5));
  EXPECT_EQ(node_heard, words{});
  tell(command(6));
  EXPECT_EQ(node_heard, words{"1 proposed"});
  tell(nothing_missed());
  (void)heard();
  tell(reply(4));
  tell(reply(5));
  EXPECT_EQ(heard(), (words{"reply 4", "reply 5"}));
}

TEST_F(gateway_test, an_answer_that_was_lost_is_proposed_again) {
  attach();
  tell(nothing_missed());
  tell(command(4));
  tell(command(5));
  tell(reply(4));
  node_heard.clear();
  attach(2, 4);
  tell(nothing_missed());
  tell(command(4));
  tell(command(5));
  EXPECT_EQ(node_heard, (words{"1 proposed", "1 proposed"}));
  (void)heard();
  tell(reply(5));  // of the first copy, which stands before the second one of 4
  tell(reply(4));
  EXPECT_EQ(heard(), (words{"reply 5", "reply 4"}));
}

// What was done before a session ended still counts.
TEST_F(gateway_test, answers_that_wait_for_events_come_before_the_end_of_their_session) {
  attach();
  (void)heard();
  applied_output last = reply(4);
  last.gone.push_back({session, true});
  tell(std::move(last));
  EXPECT_EQ(heard(), (words{"reply 4", "gone"}));
}

TEST_F(gateway_test, what_is_on_its_way_outlives_its_connection) {
  attach();
  tell(nothing_missed());
  tell(command(4));
  tell(command(5));
  tell(connection_closed{client, absl::UnavailableError("gone")});
  tell(reply(4));  // is lost
  connect(client);
  node_heard.clear();
  attach(2, 5);
  tell(nothing_missed());
  tell(command(5));
  EXPECT_EQ(node_heard, words{});
  (void)heard();
  tell(reply(5));
  EXPECT_EQ(heard(), words{"reply 5"});
  attach(3, 4);
  tell(command(4));
  EXPECT_EQ(node_heard, words{"1 proposed"});
}

// What the server held back is not on its way any more.
TEST_F(gateway_test, an_answer_that_waited_when_its_connection_ended_is_proposed_again) {
  attach();
  tell(command(4));
  tell(reply(4));
  tell(connection_closed{client, absl::UnavailableError("gone")});
  connect(client);
  node_heard.clear();
  attach(2, 4);
  tell(nothing_missed());
  tell(command(4));
  EXPECT_EQ(node_heard, words{"1 proposed"});
  (void)heard();
  tell(reply(4));
  EXPECT_EQ(heard(), words{"reply 4"});
}

// By a connection that its client has given up, of which the server does not know yet.
TEST_F(gateway_test, an_attempt_that_comes_after_a_later_one_does_nothing) {
  const net::connection_id later{2};
  connect(later);
  attach(2, 4, later);
  attach(1, 4);
  EXPECT_EQ(heard(), words{});
  tell(nothing_missed());
  (void)network.said_to(later);
  tell(event(7));
  EXPECT_EQ(network.said_to(later), words{"event 7"});
}

// A leader that starts again comes by all of them.
TEST_F(gateway_test, answers_from_before_a_session_was_taken_up_are_not_sent) {
  attach();
  tell(nothing_missed());
  (void)heard();
  for (const std::uint64_t sequence : {1U, 2U, 3U, 4U})
    tell(reply(sequence));
  EXPECT_EQ(heard(), words{"reply 4"});
}

TEST_F(gateway_test, a_session_that_is_not_attached_hears_nothing) {
  tell(reply(4));
  tell(event(7));
  EXPECT_EQ(heard(), words{});
}

TEST_F(gateway_test, commands_that_wait_together_are_proposed_together) {
  attach();
  for (const std::uint64_t sequence : {4U, 5U})
    caf::anon_send(subject, command(sequence));
  tell(connection_opened{net::connection_id{2}, "another"});  // brings nothing, and comes last
  EXPECT_EQ(node_heard, words{"2 proposed"});
  tell(command(6));
  EXPECT_EQ(node_heard, (words{"2 proposed", "1 proposed"}));
}

// A session lives for months.
TEST_F(gateway_test, only_keep_alives_without_an_answer_count_as_too_many) {
  attach();
  tell(nothing_missed());
  node_heard.clear();
  for (int i = 0; i < 1'200; ++i) {
    keep_alive();
    applied_output out;
    out.kept.push_back({session, 0, 0});
    tell(std::move(out));
  }
  EXPECT_EQ(node_heard.size(), 1'200U);
  for (int i = 0; i < 1'200; ++i)
    keep_alive();
  EXPECT_EQ(node_heard.size(), 2'200U);
}

TEST_F(gateway_test, who_does_not_take_its_events_is_given_up_not_closed) {
  applied_output out;
  out.overflowed.push_back(session);
  tell(std::move(out));
  EXPECT_EQ(node_heard, words{"1 proposed, that a session may expire"});
}

TEST_F(gateway_test, an_atomic_query_alone_asks_for_a_read_point_at_once) {
  ask_atomically();
  EXPECT_EQ(node_heard, words{"read 1"});
}

TEST_F(gateway_test, a_query_on_its_way_is_not_asked_again) {
  ask_atomically();
  ask_atomically();
  EXPECT_EQ(node_heard, words{"read 1"});
  query_answers answers;
  answers.answers.emplace_back().connection = client;
  tell(std::move(answers));
  EXPECT_EQ(network.said_to(client), words{"something else"});
  ask_atomically();
  EXPECT_EQ(node_heard, (words{"read 1", "read 2"}));
}

TEST_F(gateway_test, a_query_that_was_given_up_with_a_leadership_is_asked_again) {
  ask_atomically();
  tell(leadership{term_t{2}, id_of("n2")});
  tell(leadership{term_t{3}, id_of("n1")});
  ask_atomically();
  EXPECT_EQ(node_heard, (words{"read 1", "read 2"}));
}

// Nobody is taken up again by then: the answer would come before events that it has seen.
TEST_F(gateway_test, an_answer_from_before_a_change_of_leaders_is_not_sent) {
  query_answers answers;
  answers.answers.emplace_back().connection = client;
  ask_atomically();
  tell(leadership{term_t{2}, id_of("n2")});
  tell(leadership{term_t{3}, id_of("n1")});
  static_cast<void>(network.said_to(client));
  tell(std::move(answers));
  EXPECT_EQ(network.said_to(client), words{});
}

}  // namespace
}  // namespace atomix::actors
