// SPDX-License-Identifier: Apache-2.0
// Contradictory facts are found, and named; agreeing ones are not.
#include "sim/raft_properties.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace atomix::sim {
namespace {

constexpr node_id ada{1};
constexpr node_id bob{2};
constexpr node_id eve{3};

raft::entry entry(std::uint64_t term, std::uint64_t index, std::string data) {
  raft::entry made;
  made.id = {term_t{term}, index_t{index}};
  made.data = shared_bytes{std::move(data)};
  return made;
}

raft::status leader(node_id self, std::uint64_t term, raft::entry_id last) {
  raft::status now;
  now.self = self;
  now.role = raft::role_name::leader;
  now.state.term = term_t{term};
  now.last = last;
  return now;
}

struct raft_properties_test : testing::Test {
  world at{1};
  findings found{at};
  raft_properties facts{found};

  void SetUp() override {
    facts.add_node(ada, "ada");
    facts.add_node(bob, "bob");
    facts.add_node(eve, "eve");
  }
  std::string first() const { return found.empty() ? "" : found.all().front().property; }
};

TEST_F(raft_properties_test, agreeing_nodes_are_left_alone) {
  facts.saw_leader(ada, term_t{1});
  facts.saw_leader(ada, term_t{1});
  facts.saw_leader(bob, term_t{2});
  const std::vector<raft::entry> log{entry(1, 1, "x"), entry(2, 2, "y")};
  for (const node_id node : {ada, bob, eve}) {
    facts.saw_saved(node, index_t{1}, term_t{}, log);
    facts.saw_committed(node, term_t{2}, log);
    facts.applied(node, {index_t{2}, 99, 0, 0});
  }
  facts.restarted(ada);
  facts.saw_committed(ada, term_t{2}, log);
  EXPECT_EQ(first(), "");
  EXPECT_EQ(facts.elections(), 2U);
}

TEST_F(raft_properties_test, two_leaders_of_one_term) {
  facts.saw_leader(ada, term_t{4});
  facts.saw_leader(bob, term_t{4});
  EXPECT_EQ(first(), "election safety");
}

TEST_F(raft_properties_test, two_votes_in_one_term) {
  facts.saw_vote(eve, ada, term_t{4});
  facts.saw_vote(eve, ada, term_t{4});
  facts.saw_vote(eve, bob, term_t{5});
  EXPECT_EQ(first(), "");
  facts.restarted(eve);
  facts.saw_vote(eve, bob, term_t{4});
  EXPECT_EQ(first(), "one vote per term");
}

TEST_F(raft_properties_test, a_leader_that_overwrites_its_log) {
  raft::effects out;
  facts.saw_status(leader(ada, 3, {term_t{3}, index_t{7}}), out);
  out.save.entries.push_back(entry(3, 7, "again"));
  facts.saw_status(leader(ada, 3, {term_t{3}, index_t{7}}), out);
  EXPECT_EQ(first(), "leader append-only");
}

TEST_F(raft_properties_test, one_term_and_index_with_two_contents) {
  facts.saw_saved(ada, index_t{1}, term_t{}, {entry(1, 1, "x")});
  facts.saw_saved(bob, index_t{1}, term_t{}, {entry(1, 1, "z")});
  EXPECT_EQ(first(), "log matching");
}

TEST_F(raft_properties_test, one_entry_behind_two_different_ones) {
  facts.saw_saved(ada, index_t{2}, term_t{1}, {entry(3, 2, "x")});
  facts.saw_saved(bob, index_t{2}, term_t{2}, {entry(3, 2, "x")});
  EXPECT_EQ(first(), "log matching");
}

TEST_F(raft_properties_test, two_nodes_that_commit_different_entries) {
  facts.saw_committed(ada, term_t{1}, {entry(1, 1, "x")});
  facts.saw_committed(bob, term_t{2}, {entry(2, 1, "x")});
  EXPECT_EQ(first(), "state machine safety");
}

TEST_F(raft_properties_test, an_entry_that_is_skipped_or_comes_twice) {
  facts.saw_committed(ada, term_t{1}, {entry(1, 1, "x")});
  facts.saw_committed(ada, term_t{1}, {entry(1, 1, "x")});
  EXPECT_EQ(first(), "each entry once, in order");
}

TEST_F(raft_properties_test, machines_that_differ) {
  facts.applied(ada, {index_t{5}, 1, 0, 0});
  facts.applied(bob, {index_t{6}, 2, 0, 0});
  EXPECT_EQ(first(), "");
  facts.applied(bob, {index_t{5}, 3, 0, 0});
  EXPECT_EQ(first(), "equal machines");
}

TEST_F(raft_properties_test, a_term_that_goes_back) {
  facts.saw_status(leader(ada, 3, {}), {});
  facts.saw_status(leader(ada, 2, {}), {});
  EXPECT_EQ(first(), "terms never go back");
}

TEST_F(raft_properties_test, a_leader_that_never_was) {
  raft::status follower;
  follower.self = eve;
  follower.state.term = term_t{2};
  facts.saw_leader(ada, term_t{2});
  follower.leader = ada;
  facts.saw_status(follower, {});
  EXPECT_EQ(first(), "");
  follower.leader = bob;
  facts.saw_status(follower, {});
  EXPECT_EQ(first(), "known leaders lead");
}

}  // namespace
}  // namespace atomix::sim
