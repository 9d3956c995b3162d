// SPDX-License-Identifier: Apache-2.0
// Three nodes step by step: what goes by the book is left alone, what does not is named.
#include "sim/quorum_properties.hpp"

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace atomix::sim {
namespace {

constexpr node_id ada{1};
constexpr node_id bob{2};
constexpr node_id eve{3};

raft::entry entry(std::uint64_t term, std::uint64_t index) {
  raft::entry made;
  made.id = {term_t{term}, index_t{index}};
  return made;
}

struct quorum_properties_test : testing::Test {
  world at{1};
  findings found{at};
  quorum_properties quorums{found};
  std::map<node_id, std::unique_ptr<raft::core>> cores;

  void SetUp() override {
    quorums.add_node(ada, "ada");
    quorums.add_node(bob, "bob");
    quorums.add_node(eve, "eve");
  }

  /// Starts with this log.
  void start(node_id id, std::uint64_t term, std::vector<raft::entry> entries) {
    raft::options options;
    options.self = id;
    options.initial.voters = {ada, bob, eve};
    raft::recovered_state recovered;
    recovered.state.term = term_t{term};
    recovered.entries = std::move(entries);
    cores[id] = std::make_unique<raft::core>(options, std::move(recovered));
    quorums.restarted(id);
    step(id, raft::applied{});
  }
  /// What the core really does; `twist` changes what the property is told of it.
  raft::effects step(node_id id, const raft::input& in, index_t committed = {}) {
    raft::effects out = cores.at(id)->step(in);
    quorums.stepped(*cores.at(id), cores.at(id)->view(), in, out, committed);
    return out;
  }
  /// Ada campaigns and wins by bob's vote.
  void elect_ada() {
    while (cores.at(ada)->view().role == raft::role_name::follower)
      step(ada, raft::tick{});
    const term_t next{cores.at(ada)->view().state.term.value() + 1};
    step(ada, raft::received{bob, raft::vote_reply{next, raft::ballot::pre_vote, true}});
    step(ada, raft::received{ada, raft::vote_reply{next, raft::ballot::vote, true}});
    step(ada, raft::received{bob, raft::vote_reply{next, raft::ballot::vote, true}});
    ASSERT_EQ(cores.at(ada)->view().role, raft::role_name::leader);
  }
  std::string first() const { return found.empty() ? "" : found.all().front().property; }
};

TEST_F(quorum_properties_test, an_election_by_the_book) {
  start(ada, 1, {});
  elect_ada();
  EXPECT_EQ(first(), "");
}

TEST_F(quorum_properties_test, a_leader_without_votes) {
  start(ada, 1, {});
  // The checks have not seen the vote that made her leader.
  while (cores.at(ada)->view().role == raft::role_name::follower)
    step(ada, raft::tick{});
  step(ada, raft::received{bob, raft::vote_reply{term_t{2}, raft::ballot::pre_vote, true}});
  static_cast<void>(cores.at(ada)->step(
      raft::received{bob, raft::vote_reply{term_t{2}, raft::ballot::vote, true}}));
  step(ada, raft::received{ada, raft::vote_reply{term_t{2}, raft::ballot::vote, true}});
  EXPECT_EQ(first(), "elected by a majority");
}

TEST_F(quorum_properties_test, a_campaign_by_a_pre_vote_for_an_earlier_term) {
  start(ada, 1, {});
  while (cores.at(ada)->view().role == raft::role_name::follower)
    step(ada, raft::tick{});
  const auto allow = [](std::uint64_t term) {
    return raft::received{bob, raft::vote_reply{term_t{term}, raft::ballot::pre_vote, true}};
  };
  step(ada, allow(1));
  EXPECT_EQ(cores.at(ada)->view().role, raft::role_name::pre_candidate);
  // What she does of one for the next term is told as if it were of that.
  const raft::effects out = cores.at(ada)->step(allow(2));
  EXPECT_EQ(cores.at(ada)->view().role, raft::role_name::candidate);
  quorums.stepped(*cores.at(ada), cores.at(ada)->view(), allow(1), out, {});
  EXPECT_EQ(first(), "campaigns are allowed");
}

TEST_F(quorum_properties_test, a_leader_that_goes_back_entry_by_entry) {
  std::vector<raft::entry> log;
  for (std::uint64_t i = 1; i <= 40; ++i)
    log.push_back(entry(1, i));
  start(bob, 1, {});
  start(ada, 1, log);
  elect_ada();
  const auto refuse = [&](std::uint64_t index) {
    step(ada, raft::received{bob, raft::append_reply{term_t{2}, false, index_t{index}, {}}});
  };
  for (int repeated = 0; repeated < 20; ++repeated)
    refuse(40);
  for (std::uint64_t index = 39; index > 30; --index)
    refuse(index);
  EXPECT_EQ(first(), "");
  for (std::uint64_t index = 30; index > 25; --index)
    refuse(index);
  EXPECT_EQ(first(), "catching up");
}

TEST_F(quorum_properties_test, a_peer_that_is_lost_and_connected) {
  start(bob, 1, {});
  quorums.know_links([](node_id one, node_id other) { return one == bob && other == eve; });
  step(bob, raft::peer_lost{ada});
  EXPECT_EQ(first(), "");
  step(bob, raft::peer_lost{eve});
  EXPECT_EQ(first(), "peers are lost");
}

TEST_F(quorum_properties_test, a_refusal_that_forgets_what_the_logs_share) {
  const std::vector<raft::entry> shared{entry(1, 1), entry(1, 2), entry(1, 3)};
  start(bob, 1, shared);
  start(ada, 1, shared);
  elect_ada();
  const raft::received in{
      ada, raft::append_request{term_t{2}, {term_t{2}, index_t{4}}, index_t{}, {}}};
  raft::effects out = step(bob, in);
  EXPECT_EQ(first(), "");
  std::get<raft::append_reply>(out.after_save.front().body).hint = {};
  quorums.stepped(*cores.at(bob), cores.at(bob)->view(), in, out, {});
  EXPECT_EQ(first(), "catching up");
}

TEST_F(quorum_properties_test, a_term_in_which_nobody_asked_for_votes) {
  start(ada, 1, {});
  start(bob, 1, {});
  elect_ada();
  step(bob, raft::received{ada, raft::heartbeat{term_t{2}, {}, 1}});
  EXPECT_EQ(first(), "");
  step(bob, raft::received{ada, raft::heartbeat{term_t{3}, {}, 1}});
  EXPECT_EQ(first(), "terms begin with a campaign");
}

/// Bob votes for ada, hears no more of her, and asks for votes himself.
struct patience : quorum_properties_test {
  void give_up_on_ada() {
    start(ada, 1, {});
    start(bob, 1, {});
    elect_ada();
    step(bob, raft::received{ada, raft::vote_request{term_t{2}, {}, raft::ballot::vote}});
    while (cores.at(bob)->view().role == raft::role_name::follower)
      step(bob, raft::tick{});
  }
};

TEST_F(patience, of_a_timeout_is_enough) {
  quorums.know_election_ticks(raft::options{}.election_ticks);
  give_up_on_ada();
  EXPECT_EQ(first(), "");
}

TEST_F(patience, of_less_is_too_little) {
  quorums.know_election_ticks(2 * raft::options{}.election_ticks);
  give_up_on_ada();
  EXPECT_EQ(first(), "voters wait");
}

TEST_F(quorum_properties_test, a_vote_for_a_log_that_is_older) {
  start(ada, 1, {});
  elect_ada();
  start(bob, 1, {entry(1, 1)});
  const raft::vote_request asked{term_t{2}, {term_t{0}, index_t{0}}, raft::ballot::vote};
  const raft::received in{ada, asked};
  raft::effects out = cores.at(bob)->step(in);
  quorums.stepped(*cores.at(bob), cores.at(bob)->view(), in, out, {});
  EXPECT_EQ(first(), "");
  out.after_save.push_back({ada, raft::vote_reply{term_t{2}, raft::ballot::vote, true}});
  quorums.stepped(*cores.at(bob), cores.at(bob)->view(), in, out, {});
  EXPECT_EQ(first(), "votes for recent logs");
}

/// Bob follows ada, and grants eve a pre-vote after `ticks` without a word of ada's.
struct stickiness : quorum_properties_test {
  void grant_eve_after(unsigned ticks) {
    quorums.know_election_ticks(10);
    start(bob, 1, {});
    step(bob, raft::received{ada, raft::heartbeat{term_t{1}, {}, 1}});
    for (unsigned i = 0; i < ticks; ++i)
      step(bob, raft::tick{});
    const raft::vote_request asked{term_t{2}, {}, raft::ballot::pre_vote};
    const raft::received in{eve, asked};
    raft::effects out = cores.at(bob)->step(in);
    out.urgent.push_back({eve, raft::vote_reply{term_t{2}, raft::ballot::pre_vote, true}});
    quorums.stepped(*cores.at(bob), cores.at(bob)->view(), in, out, {});
  }
};

TEST_F(stickiness, a_ballot_against_a_leader_that_is_heard) {
  grant_eve_after(9);
  EXPECT_EQ(first(), "leaders are stuck to");
}

TEST_F(stickiness, a_ballot_against_a_leader_that_is_silent) {
  grant_eve_after(10);
  EXPECT_EQ(first(), "");
}

TEST_F(stickiness, a_leader_that_is_forgotten_since_another_node_is_lost) {
  quorums.know_election_ticks(10);
  start(bob, 1, {});
  step(bob, raft::received{ada, raft::heartbeat{term_t{1}, {}, 1}});
  step(bob, raft::peer_lost{eve});
  EXPECT_EQ(first(), "");
  // What bob does of ada's loss is told as if it were of eve's.
  const raft::effects out = cores.at(bob)->step(raft::peer_lost{ada});
  quorums.stepped(*cores.at(bob), cores.at(bob)->view(), raft::peer_lost{eve}, out, {});
  EXPECT_EQ(first(), "leaders are stuck to");
}

TEST_F(stickiness, an_old_message_of_a_leader_is_no_sign_of_life) {
  quorums.know_election_ticks(10);
  start(bob, 5, {});
  step(bob, raft::received{ada, raft::heartbeat{term_t{5}, {}, 1}});
  for (int i = 0; i < 9; ++i)
    step(bob, raft::tick{});
  step(bob, raft::received{ada, raft::heartbeat{term_t{4}, {}, 1}});
  while (cores.at(bob)->view().role == raft::role_name::follower)
    step(bob, raft::tick{});
  EXPECT_EQ(first(), "");
}

TEST_F(stickiness, a_leader_that_is_lost) {
  quorums.know_election_ticks(10);
  start(bob, 1, {});
  step(bob, raft::received{ada, raft::heartbeat{term_t{1}, {}, 1}});
  step(bob, raft::peer_lost{ada});
  EXPECT_EQ(first(), "");
}

/// Asleep, a node's clock goes on, and it hears nothing.
struct sleepers : quorum_properties_test {
  sim_time awake = 0;
  sleepers() {
    quorums.know_election_ticks(raft::options{}.election_ticks);
    quorums.know_time_awake([this](node_id) { return awake; });
  }
  void tick_while(node_id id, raft::role_name role, sim_duration tick) {
    while (cores.at(id)->view().role == role) {
      awake += tick;
      step(id, raft::tick{});
    }
  }
  void bob_follows_until_he_does_not(sim_duration tick) {
    start(bob, 1, {});
    step(bob, raft::received{ada, raft::heartbeat{term_t{1}, {}, 1}});
    tick_while(bob, raft::role_name::follower, tick);
  }
  void ada_leads_until_she_does_not(sim_duration tick) {
    start(ada, 1, {});
    elect_ada();
    const term_t term = cores.at(ada)->view().state.term;
    step(ada, raft::received{bob, raft::heartbeat_reply{term, 1}});
    tick_while(ada, raft::role_name::leader, tick);
  }
};

TEST_F(sleepers, a_leader_that_is_silent_is_forgotten) {
  bob_follows_until_he_does_not(10 * millisecond);
  EXPECT_EQ(first(), "");
}

TEST_F(sleepers, a_leader_that_is_forgotten_by_who_slept) {
  bob_follows_until_he_does_not(200 * microsecond);
  EXPECT_EQ(first(), "leaders are stuck to");
}

TEST_F(sleepers, a_leader_that_nobody_answers_does_not_go_on) {
  ada_leads_until_she_does_not(10 * millisecond);
  EXPECT_EQ(first(), "");
}

TEST_F(sleepers, a_leader_that_slept_and_does_not_go_on) {
  ada_leads_until_she_does_not(200 * microsecond);
  EXPECT_EQ(first(), "leaders are stuck to");
}

TEST_F(stickiness, a_ballot_of_a_leader_against_itself) {
  start(ada, 1, {});
  elect_ada();
  const raft::vote_request asked{term_t{9}, {term_t{8}, index_t{8}}, raft::ballot::pre_vote};
  const raft::received in{eve, asked};
  raft::effects out = cores.at(ada)->step(in);
  quorums.stepped(*cores.at(ada), cores.at(ada)->view(), in, out, {});
  EXPECT_EQ(first(), "");
  out.urgent.push_back({eve, raft::vote_reply{term_t{9}, raft::ballot::pre_vote, true}});
  quorums.stepped(*cores.at(ada), cores.at(ada)->view(), in, out, {});
  EXPECT_EQ(first(), "leaders are stuck to");
}

TEST_F(quorum_properties_test, a_commit_that_a_majority_holds) {
  start(ada, 2, {entry(1, 1), entry(2, 2)});
  start(bob, 2, {entry(1, 1), entry(2, 2)});
  start(eve, 2, {entry(1, 1)});
  quorums.committed(ada, {term_t{2}, index_t{2}});
  EXPECT_EQ(first(), "");
}

TEST_F(quorum_properties_test, a_commit_that_a_minority_holds) {
  start(ada, 2, {entry(1, 1), entry(2, 2)});
  start(bob, 2, {entry(1, 1)});
  start(eve, 2, {entry(1, 1)});
  quorums.committed(ada, {term_t{2}, index_t{2}});
  EXPECT_EQ(first(), "committed for good");
}

// Figure 8 of the paper: the entry is on a majority, and eve's newer log wins all the same.
TEST_F(quorum_properties_test, a_commit_of_an_older_term_by_counting) {
  start(ada, 4, {entry(1, 1), entry(2, 2)});
  start(bob, 4, {entry(1, 1), entry(2, 2)});
  start(eve, 3, {entry(1, 1), entry(3, 2)});
  quorums.committed(ada, {term_t{2}, index_t{2}});
  EXPECT_EQ(first(), "committed for good");
}

/// Ada leads, with all of her log committed and a read under way.
struct reads_property : quorum_properties_test {
  void SetUp() override {
    quorum_properties_test::SetUp();
    start(ada, 1, {});
    elect_ada();
    const auto now = cores.at(ada)->view();
    step(ada, raft::saved{now.last});
    step(ada, raft::received{bob, raft::append_reply{now.state.term, true, now.last.index, {}}});
    step(ada, raft::read{7}, index_t{1});
  }
  void confirm(node_id from, std::uint64_t round) {
    step(ada, raft::received{from, raft::heartbeat_reply{term_t{2}, round}});
  }
  /// As if ada granted it.
  void grant(std::uint64_t read, index_t seen) {
    raft::effects granted;
    granted.reads.push_back({read, seen});
    quorums.stepped(*cores.at(ada), cores.at(ada)->view(), raft::applied{}, granted, index_t{5});
  }
};

TEST_F(reads_property, granted_once_a_majority_has_confirmed) {
  confirm(bob, 1);
  EXPECT_EQ(first(), "");
}

TEST_F(reads_property, that_sees_less_than_was_committed) {
  step(ada, raft::read{8}, index_t{5});
  confirm(bob, 1);
  confirm(bob, 2);
  EXPECT_EQ(first(), "read point");
}

TEST_F(reads_property, that_nobody_has_confirmed) {
  grant(7, index_t{1});
  EXPECT_EQ(first(), "read point");
}

TEST_F(reads_property, that_was_confirmed_before_it_came_only) {
  step(ada, raft::read{8}, index_t{1});
  confirm(bob, 1);
  EXPECT_EQ(first(), "");
  grant(8, index_t{1});
  EXPECT_EQ(first(), "read point");
}

TEST_F(quorum_properties_test, a_leader_that_hears_of_nobody) {
  quorums.know_election_ticks(2);
  start(ada, 1, {});
  elect_ada();
  for (int i = 0; i < 3; ++i)
    step(ada, raft::tick{});
  EXPECT_EQ(first(), "");
  step(ada, raft::tick{});
  EXPECT_EQ(first(), "leads with a majority");
}

}  // namespace
}  // namespace atomix::sim
