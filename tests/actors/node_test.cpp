// SPDX-License-Identifier: Apache-2.0
// A node alone in time: when it wakes, and what it holds against whom it has not heard.
#include "actors/node.hpp"

#include "sim/process.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace atomix::actors {
namespace {

using sim::millisecond;
using sim::second;

peers_actor::behavior_type postbox(peers_actor::pointer, std::vector<raft::outbound>* sent) {
  return {
      [](const colleagues&) {},
      [=](const outbox& out) {
        sent->insert(sent->end(), out.messages.begin(), out.messages.end());
      },
      [](const redial_due&) {},
      [](const connection_opened&) {},
      [](const inbound&) {},
      [](const connection_closed&) {},
  };
}

class step_counter final : public core_observer {
 public:
  void stepped(const raft::core&, const raft::input&, const raft::effects&) override { ++steps; }
  void applied(node_id, const applied_state&) override {}
  std::size_t steps = 0;
};

/// Node 1 of three; nobody is there but who the test speaks for. A tick is 10 ms, heartbeats are
/// 80 ms apart, elections are due after 400 to 800 ms.
struct node_test : testing::Test {
  sim::world at{1};
  sim::process life{at, "n1", sim::local_clock{}};
  step_counter counter;
  std::vector<raft::outbound> sent;
  node_actor subject;

  ~node_test() override {
    life.kill();
    subject = nullptr;
  }
  void start(std::uint64_t voters_from = 1) {
    node_parts parts;
    parts.options.self = node_id{1};
    parts.options.seed = 7;
    for (std::uint64_t i = voters_from; i < voters_from + 3; ++i)
      parts.options.initial.voters.emplace(i);
    parts.observer = &counter;
    parts.view = std::make_shared<replica_view>();
    subject = life.system().spawn(node, parts, std::make_shared<raft::recovered_state>());
    colleagues others;
    others.peers = life.system().spawn(postbox, &sent);
    tell(std::move(others));
  }
  template <class Message>
  void tell(Message message) {
    caf::anon_send(subject, std::move(message));
    pass(1 * millisecond);
  }
  void hear_heartbeat() {
    tell(peer_messages{node_id{2}, {raft::heartbeat{term_t{1}, index_t{}, 1}}});
  }
  void pass(sim::sim_duration time) { at.run_until(at.now() + time); }
  [[nodiscard]] bool asks_for_votes() const {
    return std::any_of(sent.begin(), sent.end(), [](const raft::outbound& m) {
      return std::holds_alternative<raft::vote_request>(m.body);
    });
  }
};

TEST_F(node_test, asks_for_votes_when_it_has_heard_nobody_for_its_time_out) {
  start();
  pass(395 * millisecond);
  EXPECT_FALSE(asks_for_votes());
  pass(425 * millisecond);
  EXPECT_TRUE(asks_for_votes());
}

TEST_F(node_test, asks_nobody_while_it_hears_of_a_leader) {
  start();
  for (int i = 0; i < 50; ++i) {
    hear_heartbeat();
    pass(390 * millisecond);
  }
  EXPECT_FALSE(asks_for_votes());
}

TEST_F(node_test, sleeps_through_ticks_that_do_nothing) {
  start(2);  // it has no vote: all ticks are quiet
  pass(10 * second);
  EXPECT_LE(counter.steps, 10'000U / 80 + 5);
  EXPECT_GE(counter.steps, 10'000U / 80 - 5) << "its clock does not stand still";
}

// Stopped, or starved of a processor. What the others said meanwhile is still in its mailbox.
TEST_F(node_test, does_not_hold_it_against_others_that_it_slept_itself) {
  start();
  hear_heartbeat();
  for (int i = 0; i < 10; ++i) {
    life.jump_clock(5 * second);
    pass(1 * millisecond);
    hear_heartbeat();
  }
  pass(300 * millisecond);
  EXPECT_FALSE(asks_for_votes());
}

}  // namespace
}  // namespace atomix::actors
