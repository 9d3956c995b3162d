// SPDX-License-Identifier: Apache-2.0
// The time that a leader's entries bear goes with its clock, and with nothing else.
#include "sim/log_time.hpp"

#include <gtest/gtest.h>

namespace atomix::sim {
namespace {

constexpr node_id ada{1};

struct leaders_time_test : testing::Test {
  world at{1};
  findings found{at};
  leaders_time watch{found};
  std::uint64_t shown_ms = 0;

  leaders_time_test() {
    watch.add_node(ada, "ada");
    watch.know_clocks([this](node_id) { return shown_ms; });
  }
  /// Ada, who leads `term`, writes an entry of this time.
  void write(std::uint64_t term, std::uint64_t time) {
    raft::status now;
    now.self = ada;
    now.role = raft::role_name::leader;
    now.state.term = term_t{term};
    raft::entry e;
    e.id = {now.state.term, index_t{1}};
    e.time = log_time{time};
    raft::effects out;
    out.save.entries.push_back(e);
    watch.stepped(now, out);
  }
};

TEST_F(leaders_time_test, goes_on_while_its_leader_sleeps) {
  shown_ms = 7'000;
  write(3, 100);
  shown_ms = 12'000;
  write(3, 5'100);
  EXPECT_TRUE(found.empty());
}

TEST_F(leaders_time_test, is_never_ahead) {
  write(3, 100);
  write(3, 120);
  EXPECT_TRUE(found.empty()) << "ticks are counted whole";
  write(3, 121);
  ASSERT_EQ(found.all().size(), 1U);
  EXPECT_EQ(found.all()[0].property, "log time");
}

TEST_F(leaders_time_test, is_never_far_behind) {
  write(3, 100);
  shown_ms = 21;
  write(3, 100);
  EXPECT_EQ(found.all().size(), 1U);
}

TEST_F(leaders_time_test, stands_still_without_a_leader) {
  write(3, 100);
  shown_ms = 60'000;
  write(4, 100);
  EXPECT_TRUE(found.empty());
}

}  // namespace
}  // namespace atomix::sim
