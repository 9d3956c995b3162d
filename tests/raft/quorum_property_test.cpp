// SPDX-License-Identifier: Apache-2.0
// Arithmetic of majorities against counting by hand, and configurations as bytes.
#include "raft/core/configuration.hpp"
#include "raft/core/quorum.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace atomix::raft {
namespace {

std::set<node_id> some_nodes() {
  std::set<node_id> nodes;
  for (const auto n :
       *rc::gen::container<std::vector<std::uint64_t>>(rc::gen::inRange<std::uint64_t>(1, 9))) {
    nodes.emplace(n);
  }
  return nodes;
}

configuration some_configuration() {
  return {some_nodes(), some_nodes(), some_nodes()};
}

/// More than half of `nodes` satisfy `holds`; nobody decides without members.
template <class F>
bool majority(const std::set<node_id>& nodes, F holds) {
  std::size_t yes = 0;
  for (const node_id id : nodes)
    yes += holds(id) ? 1U : 0U;
  return 2 * yes > nodes.size();
}

template <class F>
bool decided(const configuration& c, F holds) {
  return majority(c.voters, holds) && (c.outgoing.empty() || majority(c.outgoing, holds));
}

TEST(quorum_property, index_is_the_largest_that_a_quorum_holds) {
  EXPECT_TRUE(rc::check([] {
    const configuration c = some_configuration();
    const auto held =
        *rc::gen::container<std::vector<std::uint64_t>>(9, rc::gen::inRange<std::uint64_t>(0, 12));
    const auto match = [&](node_id id) {
      return index_t{held[id.value()]};
    };
    index_t expected;
    for (index_t i{1}; i < index_t{12}; i = i.next()) {
      if (decided(c, [&](node_id id) { return match(id) >= i; })) expected = i;
    }
    RC_ASSERT(quorum_index(c, match) == expected);
  }));
}

TEST(quorum_property, poll_is_won_or_lost_exactly_when_no_ballot_can_change_it) {
  EXPECT_TRUE(rc::check([] {
    const configuration c = some_configuration();
    std::map<node_id, bool> ballots;
    for (const node_id id : some_nodes())
      ballots[id] = *rc::gen::arbitrary<bool>();
    const auto yes = [&](node_id id) {
      return ballots.contains(id) && ballots[id];
    };
    const auto maybe = [&](node_id id) {
      return !ballots.contains(id) || ballots[id];
    };
    const bool won = decided(c, yes);
    const bool lost = !decided(c, maybe);
    const poll expected = won ? poll::won : (lost ? poll::lost : poll::open);
    RC_ASSERT(tally(c, ballots) == expected);
    RC_ASSERT(has_quorum(c, yes) == won);
  }));
}

/// Any two quorums of one configuration share a voter: what all of Raft rests upon.
TEST(quorum_property, quorums_meet) {
  EXPECT_TRUE(rc::check([] {
    const configuration c = some_configuration();
    const std::set<node_id> a = some_nodes();
    const std::set<node_id> b = some_nodes();
    const bool both = has_quorum(c, [&](node_id id) { return a.contains(id); })
                      && has_quorum(c, [&](node_id id) { return b.contains(id); });
    const bool meet = std::any_of(a.begin(), a.end(), [&](node_id id) { return b.contains(id); });
    RC_ASSERT(!both || meet);
  }));
}

TEST(quorum, nobody_decides_without_voters) {
  const configuration none;
  EXPECT_EQ(quorum_index(none, [](node_id) { return index_t{7}; }), index_t{});
  EXPECT_FALSE(has_quorum(none, [](node_id) { return true; }));
  EXPECT_EQ(tally(none, {}), poll::lost);
}

TEST(configuration_property, survives_its_bytes) {
  EXPECT_TRUE(rc::check([] {
    configuration c = some_configuration();
    c.voters.emplace(*rc::gen::arbitrary<std::uint64_t>() | 1U);
    const auto back = decode_configuration(encode(c));
    RC_ASSERT(back.ok());
    RC_ASSERT(*back == c);
  }));
}

TEST(configuration_property, one_configuration_has_one_encoding) {
  EXPECT_TRUE(rc::check([] {
    const auto bytes = "\x01" + *rc::gen::container<std::string>(rc::gen::inRange('\0', '\x05'));
    const auto c = decode_configuration(bytes);
    if (c.ok()) RC_ASSERT(encode(*c) == bytes);
  }));
}

TEST(configuration, refuses_what_is_not_one) {
  const std::string good = encode({{node_id{1}, node_id{300}}, {}, {node_id{~0ULL}}});
  ASSERT_TRUE(decode_configuration(good).ok());
  for (std::size_t n = 0; n < good.size(); ++n) {
    EXPECT_FALSE(decode_configuration(good.substr(0, n)).ok()) << n;
  }
  EXPECT_FALSE(decode_configuration(good + "x").ok());
  EXPECT_FALSE(decode_configuration("\x02" + good.substr(1)).ok());
}

}  // namespace
}  // namespace atomix::raft
