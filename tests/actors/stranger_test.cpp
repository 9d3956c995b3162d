// SPDX-License-Identifier: Apache-2.0
// Whoever finds the port of a server: other protocols, damaged bytes, clients that break the rules.
#include "actors/replica_actors.hpp"

#include "net/frame.hpp"
#include "net/wire.pb.h"
#include "resources/session.pb.h"

#include <asio/read.hpp>
#include <asio/write.hpp>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <deque>

#include "tests/actors/running_cluster.hpp"

namespace atomix {
namespace {

/// A socket that says what it likes.
class stranger {
 public:
  explicit stranger(std::uint16_t port) : socket_(loop_) {
    socket_.connect({asio::ip::address_v4::loopback(), port});
    const timeval patience{10, 0};
    setsockopt(socket_.native_handle(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  }
  void say(const std::string& bytes) {
    std::error_code ignored;  // it may have been hung up on already
    asio::write(socket_, asio::buffer(bytes), ignored);
  }
  template <class Message>
  void say(net::frame_type type, const Message& message) {
    std::string bytes;
    net::append_frame(bytes, type, message.SerializeAsString());
    say(bytes);
  }
  void say_hello() { say(net::frame_type::client_hello, wire::ClientHello{}); }
  /// The next frame; nothing at the end of the connection, or when patience has run out.
  std::optional<net::frame> hear() {
    while (heard_.empty()) {
      std::array<char, 4096> buffer{};
      const auto size = recv(socket_.native_handle(), buffer.data(), buffer.size(), 0);
      if (size <= 0) {
        gone_ = size == 0 || errno != EAGAIN;
        return std::nullopt;
      }
      const auto ok = parser_.push({buffer.data(), static_cast<std::size_t>(size)}, heard_);
      EXPECT_TRUE(ok.ok()) << ok;
    }
    auto first = heard_.front();
    heard_.erase(heard_.begin());
    return first;
  }
  /// What a server says before it hangs up.
  std::string refusal() {
    while (const auto f = hear()) {
      if (f->type != net::frame_type::refusal) continue;
      wire::Refusal r;
      EXPECT_TRUE(r.ParseFromString(std::string(f->payload.view())));
      EXPECT_FALSE(hear().has_value());
      return r.message();
    }
    return "";
  }
  bool is_hung_up_on() {
    while (hear()) {
    }
    return gone_;
  }

 private:
  asio::io_context loop_;
  asio::ip::tcp::socket socket_;
  net::frame_parser parser_;
  std::vector<net::frame> heard_;
  bool gone_ = false;
};

class strangers : public testing::Test {
 protected:
  void SetUp() override { server.start_all(); }
  void TearDown() override {
    const auto c = server.connect();
    EXPECT_EQ(*await(c.get<counter>("alive").increment_and_get()), 1) << "the server is hurt";
  }
  static std::string has(const std::string& text, const std::string& part) {
    return text.find(part) == std::string::npos ? absl::StrCat("'", part, "' not in '", text, "'")
                                                : "";
  }
  running_cluster server{1};
};

TEST_F(strangers, other_protocols_are_named_in_the_log) {
  stranger browser{server.port(0)};
  browser.say("GET / HTTP/1.1\r\nHost: here\r\n\r\n");
  EXPECT_TRUE(browser.is_hung_up_on());
  EXPECT_TRUE(server.said("speaks HTTP"));
}

TEST_F(strangers, damaged_frames_end_the_connection) {
  std::string bytes;
  net::append_frame(bytes, net::frame_type::client_hello, "hello");
  bytes.back() ^= 1;
  stranger noise{server.port(0)};
  noise.say(bytes);
  EXPECT_TRUE(noise.is_hung_up_on());
  EXPECT_TRUE(server.said("checksum"));

  stranger later{server.port(0)};
  later.say_hello();
  ASSERT_TRUE(later.hear().has_value());
  later.say(bytes);
  EXPECT_TRUE(later.is_hung_up_on());
}

TEST_F(strangers, a_hello_comes_first) {
  stranger rude{server.port(0)};
  rude.say(net::frame_type::requests, wire::RequestBatch{});
  EXPECT_EQ(has(rude.refusal(), "a hello must come first"), "");
}

TEST_F(strangers, those_who_say_nothing_are_not_all_waited_for) {
  std::deque<stranger> silent;
  for (int i = 0; i < 257; ++i)
    silent.emplace_back(server.port(0));
  EXPECT_TRUE(silent.front().is_hung_up_on());
  EXPECT_TRUE(server.said("never said hello"));
  silent.back().say_hello();
  EXPECT_TRUE(silent.back().hear().has_value());
}

TEST_F(strangers, who_has_said_hello_does_not_count_among_the_silent) {
  stranger polite{server.port(0)};
  polite.say_hello();
  ASSERT_TRUE(polite.hear().has_value());
  std::deque<stranger> silent;
  for (int i = 0; i < 257; ++i)
    silent.emplace_back(server.port(0));
  EXPECT_TRUE(silent.front().is_hung_up_on());
  wire::RequestBatch batch;
  batch.add_requests()->mutable_ping()->set_id(7);
  polite.say(net::frame_type::requests, batch);
  EXPECT_TRUE(polite.hear().has_value());
}

TEST_F(strangers, garbage_in_good_frames_is_refused) {
  for (const auto type : {net::frame_type::client_hello, net::frame_type::peer_hello}) {
    std::string bytes;
    net::append_frame(bytes, type, "\xff\xff\xff garbage");
    stranger s{server.port(0)};
    s.say(bytes);
    EXPECT_EQ(has(s.refusal(), "malformed hello"), "");
  }
  stranger s{server.port(0)};
  s.say_hello();
  std::string bytes;
  net::append_frame(bytes, net::frame_type::requests, "\xff\xff\xff garbage");
  s.say(bytes);
  EXPECT_EQ(has(s.refusal(), "malformed requests"), "");
}

TEST_F(strangers, nodes_of_another_cluster_are_refused) {
  wire::PeerHello hello;
  hello.set_cluster("moon");
  hello.set_name("n7");
  stranger s{server.port(0)};
  s.say(net::frame_type::peer_hello, hello);
  EXPECT_EQ(has(s.refusal(), "belongs to cluster 'moon'"), "");
  hello.set_cluster("atomix");
  stranger lost{server.port(0)};
  lost.say(net::frame_type::peer_hello, hello);
  EXPECT_EQ(has(lost.refusal(), "expects another member"), "");
  hello.set_to(atomix::actors::id_of("n1").value());
  hello.set_from(atomix::actors::id_of("n7").value());
  stranger unlisted{server.port(0)};
  unlisted.say(net::frame_type::peer_hello, hello);
  EXPECT_EQ(has(unlisted.refusal(), "n7 is not in the list of members"), "");
}

TEST_F(strangers, a_batch_of_faults_is_refused_once) {
  stranger s{server.port(0)};
  s.say_hello();
  wire::RequestBatch batch;
  for (int i = 0; i < 100; ++i)
    batch.add_requests();
  s.say(net::frame_type::requests, batch);
  EXPECT_EQ(has(s.refusal(), "newer version"), "");
  const auto said = server.sentences.all();
  EXPECT_EQ(
      std::count_if(
          said.begin(),
          said.end(),
          [](const auto& one) { return one.find("newer version") != std::string::npos; }),
      1);
}

TEST_F(strangers, commands_without_a_session_and_absurd_numbers_do_no_harm) {
  (void)server.connect();  // waits for the leader
  stranger s{server.port(0)};
  s.say_hello();
  wire::RequestBatch batch;
  constexpr auto huge = ~std::uint64_t{0};
  auto* command = batch.add_requests()->mutable_command();
  command->set_session(77);
  command->set_sequence(1);
  command->set_entry("no entry at all");
  auto* attach = batch.add_requests()->mutable_attach();
  attach->set_session(huge);
  attach->set_next_sequence(huge);
  attach->set_events_seen(huge);
  command = batch.add_requests()->mutable_command();
  command->set_session(huge);
  command->set_sequence(huge);
  command->set_entry("garbage for the log");
  auto* query = batch.add_requests()->mutable_query();
  query->set_session(huge);
  query->set_id(huge);
  query->set_seen_index(huge);
  query->set_after_sequence(huge);
  query->set_consistency(wire::SEQUENTIAL);
  log::KeepAlive keep;
  log::Entry entry;
  entry.mutable_keep_alive()->set_session(huge);
  entry.mutable_keep_alive()->set_replies_seen(huge);
  auto* alive = batch.add_requests()->mutable_keep_alive();
  alive->set_session(huge);
  alive->set_entry(entry.SerializeAsString());
  s.say(net::frame_type::requests, batch);
  bool gone = false;
  while (!gone) {
    const auto f = s.hear();
    ASSERT_TRUE(f.has_value());
    if (f->type != net::frame_type::responses) continue;
    wire::ResponseBatch answers;
    ASSERT_TRUE(answers.ParseFromString(std::string(f->payload.view())));
    for (const auto& a : answers.responses())
      gone = gone || a.session_gone().session() == huge;
  }
}

TEST_F(strangers, a_flood_is_cut_off_with_a_word) {
  (void)server.connect();
  stranger s{server.port(0)};
  s.say_hello();
  // Queries that wait for an index which never comes.
  wire::RequestBatch batch;
  std::string what(64U << 10U, 'x');
  log::Query query;
  query.set_resource("r");
  query.set_type("counter");
  query.set_operation(what);
  for (std::uint64_t i = 1; i <= 3'000; ++i) {
    auto* q = batch.add_requests()->mutable_query();
    q->set_id(i);
    q->set_consistency(wire::SEQUENTIAL);
    q->set_seen_index(~std::uint64_t{0});
    q->set_query(query.SerializeAsString());
    if (i % 100 != 0) continue;
    s.say(net::frame_type::requests, batch);
    batch.Clear();
  }
  EXPECT_EQ(has(s.refusal(), "too much at once"), "");
  EXPECT_TRUE(server.said("queries without an answer"));
}

TEST_F(strangers, a_request_that_is_too_large_is_refused) {
  (void)server.connect();
  stranger s{server.port(0)};
  s.say_hello();
  wire::RequestBatch batch;
  batch.add_requests()->mutable_open_session()->set_token(std::string(1'000, 't'));
  s.say(net::frame_type::requests, batch);
  EXPECT_EQ(has(s.refusal(), "exceeds the limit of 64"), "");
}

}  // namespace
}  // namespace atomix
