// SPDX-License-Identifier: Apache-2.0
// What a leader does step by step: what serves something is left alone, what is in vain is named.
#include "sim/needless_work.hpp"

#include <gtest/gtest.h>

namespace atomix::sim {
namespace {

constexpr node_id ada{1};
constexpr node_id bob{2};

struct needless_work_test : testing::Test {
  world at{1};
  findings found{at};
  needless_work watch{found};

  needless_work_test() {
    watch.add_node(ada, "ada");
    watch.add_node(bob, "bob");
    step(raft::tick{}, {});
  }
  void step(const raft::input& in, const raft::effects& out) {
    raft::status now;
    now.self = ada;
    now.role = raft::role_name::leader;
    now.state.term = term_t{3};
    watch.stepped(now, in, out);
  }
  void beat() {
    raft::effects out;
    out.urgent.push_back({bob, raft::heartbeat{}});
    step(raft::tick{}, out);
  }
  void send_again() {
    raft::effects out;
    out.urgent.push_back({bob, raft::append_request{}});
    step(raft::received{bob, raft::heartbeat_reply{}}, out);
  }
  void write(raft::entry_kind kind, std::uint64_t time) {
    raft::effects out;
    raft::entry e;
    e.id = {term_t{3}, index_t{7}};
    e.kind = kind;
    e.time = log_time{time};
    out.save.entries.push_back(e);
    step(raft::tick{}, out);
  }
};

TEST_F(needless_work_test, repetitions_come_once_in_a_heartbeat) {
  for (int i = 0; i < 3; ++i) {
    beat();
    send_again();
  }
  EXPECT_TRUE(found.empty());
  send_again();
  ASSERT_EQ(found.all().size(), 1U);
  EXPECT_EQ(found.all()[0].property, "repetitions");
}

TEST_F(needless_work_test, what_a_connection_has_lost_is_sent_again_at_once) {
  beat();
  send_again();
  step(raft::peer_lost{bob}, {});
  send_again();
  EXPECT_TRUE(found.empty());
}

TEST_F(needless_work_test, time_is_carried_on_once_to_what_is_due) {
  write(raft::entry_kind::command, 50);
  step(raft::applied{index_t{6}, log_time{100}}, {});
  write(raft::entry_kind::time, 101);
  EXPECT_TRUE(found.empty());
  write(raft::entry_kind::time, 102);
  ASSERT_EQ(found.all().size(), 1U);
  EXPECT_EQ(found.all()[0].property, "time entries");
}

TEST_F(needless_work_test, commands_carry_time_on_too) {
  step(raft::applied{index_t{6}, log_time{100}}, {});
  write(raft::entry_kind::command, 101);
  EXPECT_TRUE(found.empty());
  write(raft::entry_kind::time, 102);
  EXPECT_EQ(found.all().size(), 1U);
}

}  // namespace
}  // namespace atomix::sim
