// SPDX-License-Identifier: Apache-2.0
// The connections between nodes, seen from one of them: what is said on each, and who is lost.
#include "actors/peers.hpp"

#include "sim/process.hpp"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "tests/actors/hearing_node.hpp"

namespace atomix::actors {
namespace {

/// Keeps what is sent on each connection, by the kinds of its frames.
class listening_network final : public net::transport {
 public:
  absl::StatusOr<net::address> listen(
      const net::address& local, net::connection_handler&) override {
    return local;
  }
  net::connection_id dial(const net::address& remote, net::connection_handler&) override {
    last_ = last_.next();
    dialled[remote.to_string()].push_back(last_);
    return last_;
  }
  void send(net::connection_id to, std::string frames) override {
    net::frame_parser parser;
    std::vector<net::frame> parsed;
    EXPECT_TRUE(parser.push(frames, parsed).ok());
    for (const net::frame& f : parsed)
      said[to].push_back(f.type == net::frame_type::peer_hello ? "hello" : "raft");
  }
  void close(net::connection_id) override {}

  std::map<std::string, std::vector<net::connection_id>> dialled;
  std::map<net::connection_id, words> said;

 private:
  net::connection_id last_;
};

struct peers_test : testing::Test {
  sim::world at{1};
  sim::process life{at, "n1", sim::local_clock{}};
  listening_network network;
  words heard;
  peers_actor subject;

  peers_test() {
    world outside;
    outside.network = &network;
    replica_setup setup;
    setup.name = "n1";
    setup.members = {{"n1", {"n1", 1}}, {"n2", {"n2", 1}}};
    subject = life.system().spawn(peers, outside, setup, closing{[](net::connection_id) {
                                  }});
    colleagues others;
    others.node = life.system().spawn(hearing_node, &heard);
    tell(std::move(others));
  }
  ~peers_test() override {
    life.kill();
    subject = nullptr;
  }

  template <class Message>
  void tell(Message message) {
    caf::anon_send(subject, std::move(message));
    pass(1 * sim::millisecond);
  }
  void pass(sim::sim_duration time) { at.run_until(at.now() + time); }
  [[nodiscard]] net::connection_id newest() { return network.dialled["n2:1"].back(); }
  void open() { tell(connection_opened{newest(), "n2:1"}); }
  void close() { tell(connection_closed{newest(), absl::UnavailableError("broken")}); }
  void redial() {
    const auto before = newest();
    pass(3 * sim::second);
    ASSERT_NE(newest(), before) << "it dials again";
  }
  void send_something() {
    outbox out;
    out.messages.push_back({id_of("n2"), raft::heartbeat{}});
    tell(std::move(out));
  }
};

TEST_F(peers_test, nothing_is_said_before_the_hello_on_any_connection) {
  send_something();
  EXPECT_EQ(network.said[newest()], words{}) << "nobody is there yet";
  open();
  send_something();
  EXPECT_EQ(network.said[newest()], (words{"hello", "raft"}));
  close();
  redial();
  send_something();
  EXPECT_EQ(network.said[newest()], words{});
  open();
  send_something();
  EXPECT_EQ(network.said[newest()], (words{"hello", "raft"}));
}

TEST_F(peers_test, who_cannot_be_reached_is_lost_once) {
  open();
  close();
  EXPECT_EQ(heard, words{"lost"});
  for (int i = 0; i < 5; ++i) {
    redial();
    close();
  }
  EXPECT_EQ(heard, words{"lost"});
  redial();
  open();
  close();
  EXPECT_EQ(heard, (words{"lost", "lost"}));
}

}  // namespace
}  // namespace atomix::actors
