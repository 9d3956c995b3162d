// SPDX-License-Identifier: Apache-2.0
// One test for each rule of paper figure 2, in its order and its words.
#include "raft/core/core.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "tests/raft/lab.hpp"

namespace atomix::raft {
namespace {

constexpr node_id one{1};
constexpr node_id two{2};
constexpr node_id three{3};

options of_three(node_id self) {
  options o;
  o.self = self;
  o.initial.voters = {one, two, three};
  o.election_ticks = 10;
  o.heartbeat_ticks = 3;
  return o;
}

entry command(std::uint64_t term, std::uint64_t index) {
  return {{term_t{term}, index_t{index}}, entry_kind::command, {}, shared_bytes{"x"}};
}

/// A node with a log of these terms, in the last of them.
recovered_state with_log(const std::vector<std::uint64_t>& terms) {
  recovered_state r;
  for (const std::uint64_t t : terms)
    r.entries.push_back(command(t, r.entries.size() + 1));
  r.state.term = term_t{terms.empty() ? 0 : terms.back()};
  return r;
}

core node_with(const std::vector<std::uint64_t>& terms) {
  return core{of_three(one), with_log(terms)};
}

effects hear(core& c, node_id from, message m) {
  return c.step(received{from, std::move(m)});
}

append_request append_of(
    std::uint64_t term, entry_id previous, std::uint64_t commit, std::vector<entry> entries) {
  return {term_t{term}, previous, index_t{commit}, std::move(entries)};
}

entry_id id(std::uint64_t term, std::uint64_t index) {
  return {term_t{term}, index_t{index}};
}

template <class M>
std::vector<M> of_kind(const std::vector<outbound>& messages) {
  std::vector<M> found;
  for (const outbound& m : messages) {
    if (const auto* body = std::get_if<M>(&m.body)) found.push_back(*body);
  }
  return found;
}

/// A lab of three with node 1 leading and everything settled.
lab led_by_one() {
  lab l{of_three(node_id{})};
  while (l.at(one).running->view().role != role_name::leader) {
    l.tick(one);
    l.settle([](const packet&) { return true; });
  }
  return l;
}

void everything(lab& l) {
  l.settle([](const packet&) { return true; });
}

// --- AppendEntries RPC, receiver

TEST(append_entries, reply_false_if_term_is_old) {
  core c = node_with({1, 3});
  const auto out = hear(c, two, append_of(2, id(1, 1), 0, {command(2, 2)}));
  const auto reply = of_kind<append_reply>(out.after_save).at(0);
  EXPECT_FALSE(reply.accepted);
  EXPECT_EQ(reply.term, term_t{3});
  EXPECT_TRUE(out.save.empty());
}

TEST(append_entries, reply_false_if_previous_entry_does_not_match) {
  core c = node_with({1, 1});
  for (const entry_id previous : {id(1, 3), id(2, 2)}) {
    const auto out = hear(c, two, append_of(3, previous, 0, {}));
    EXPECT_FALSE(of_kind<append_reply>(out.after_save).at(0).accepted);
    EXPECT_TRUE(out.save.entries.empty());
  }
}

TEST(append_entries, conflicting_entry_and_all_that_follow_are_deleted) {
  core c = node_with({1, 1, 1, 1});
  const auto out = hear(c, two, append_of(2, id(1, 1), 0, {command(2, 2)}));
  EXPECT_EQ(c.view().last, id(2, 2));
  EXPECT_EQ(c.term_at(index_t{3}), term_t{});
  EXPECT_EQ(out.save.entries, (std::vector{command(2, 2)}));
}

TEST(append_entries, entries_that_match_stay_with_all_that_follow) {
  core c = node_with({1, 1, 1, 1});
  const auto out = hear(c, two, append_of(1, id(1, 1), 0, {command(1, 2)}));
  EXPECT_EQ(c.view().last, id(1, 4));
  EXPECT_TRUE(out.save.entries.empty());
}

TEST(append_entries, new_entries_are_appended) {
  core c = node_with({1});
  const auto out = hear(c, two, append_of(1, id(1, 1), 0, {command(1, 2), command(1, 3)}));
  EXPECT_EQ(out.save.entries.size(), 2U);
  EXPECT_EQ(of_kind<append_reply>(out.after_save).at(0).index, index_t{3});
  EXPECT_TRUE(of_kind<append_reply>(out.urgent).empty()) << "acknowledged only once saved";
}

TEST(append_entries, commit_is_the_smaller_of_leader_commit_and_last_new_entry) {
  core c = node_with({1, 1, 1});
  EXPECT_EQ(hear(c, two, append_of(2, id(1, 1), 9, {command(1, 2)})).committed.size(), 2U);
  EXPECT_EQ(c.view().commit, index_t{2}) << "entry 3 may not be the leader's";
  EXPECT_EQ(hear(c, two, append_of(2, id(1, 3), 1, {})).committed.size(), 0U);
  EXPECT_EQ(c.view().commit, index_t{2}) << "commit never goes back";
}

// --- RequestVote RPC, receiver

TEST(request_vote, reply_false_if_term_is_old) {
  core c = node_with({1, 3});
  const auto out = hear(c, two, vote_request{term_t{2}, id(2, 9), ballot::vote});
  const auto reply = of_kind<vote_reply>(out.after_save).at(0);
  EXPECT_FALSE(reply.granted);
  EXPECT_EQ(reply.term, term_t{3});
}

TEST(request_vote, grant_once_per_term_and_again_to_the_same) {
  core c = node_with({1});
  const auto ask = [&](node_id from) {
    const auto out = hear(c, from, vote_request{term_t{2}, id(1, 1), ballot::vote});
    return of_kind<vote_reply>(out.after_save).at(0).granted;
  };
  EXPECT_TRUE(ask(two));
  EXPECT_FALSE(ask(three));
  EXPECT_TRUE(ask(two));
}

TEST(request_vote, vote_survives_a_restart) {
  recovered_state r = with_log({1});
  r.state = {term_t{2}, two};
  core c{of_three(one), r};
  const auto out = hear(c, three, vote_request{term_t{2}, id(1, 1), ballot::vote});
  EXPECT_FALSE(of_kind<vote_reply>(out.after_save).at(0).granted);
}

TEST(request_vote, only_to_a_log_at_least_as_up_to_date) {
  const auto granted_for = [](entry_id last) {
    core c = node_with({1, 2, 2});
    const auto out = hear(c, two, vote_request{term_t{5}, last, ballot::vote});
    return of_kind<vote_reply>(out.after_save).at(0).granted;
  };
  EXPECT_FALSE(granted_for(id(1, 9))) << "longer, but of an older term";
  EXPECT_FALSE(granted_for(id(2, 2))) << "same term, but shorter";
  EXPECT_TRUE(granted_for(id(2, 3)));
  EXPECT_TRUE(granted_for(id(3, 1))) << "shorter, but of a newer term";
}

// --- Rules for servers: all

TEST(all_servers, apply_what_is_committed_in_order_and_once) {
  core c = node_with({1, 1, 1});
  const auto out = hear(c, two, append_of(1, id(1, 3), 3, {}));
  EXPECT_EQ(out.committed, (std::vector{command(1, 1), command(1, 2), command(1, 3)}));
  EXPECT_TRUE(hear(c, two, append_of(1, id(1, 3), 3, {})).committed.empty());
}

TEST(all_servers, newer_term_makes_a_follower) {
  lab l = led_by_one();
  core& c = *l.at(one).running;
  const auto out = hear(c, two, heartbeat_reply{term_t{9}, 0});
  EXPECT_EQ(c.view().role, role_name::follower);
  EXPECT_EQ(c.view().state, (hard_state{term_t{9}, node_id{}}));
  EXPECT_TRUE(out.save.state_changed);
}

// --- Followers

TEST(followers, campaign_when_nobody_leads_for_an_election_timeout) {
  lab l{of_three(node_id{})};
  for (int i = 0; i < 9; ++i)
    l.tick(one);
  EXPECT_EQ(l.at(one).running->view().role, role_name::follower) << "not before the base timeout";
  for (int i = 0; i < 11; ++i)
    l.tick(one);
  EXPECT_EQ(l.at(one).running->view().role, role_name::pre_candidate);
}

TEST(followers, do_not_campaign_while_they_hear_of_a_leader) {
  core c = node_with({1});
  for (int i = 0; i < 200; ++i) {
    (void)c.step(tick{});
    if (i % 9 == 0) (void)hear(c, two, heartbeat{term_t{1}, {}, 0});
  }
  EXPECT_EQ(c.view().role, role_name::follower);
  EXPECT_EQ(c.view().leader, two);
}

// --- Candidates

TEST(candidates, increment_term_vote_for_themselves_and_ask_all) {
  lab l{of_three(node_id{})};
  for (int i = 0; i < 19; ++i)
    l.tick(one);
  const auto out = hear(*l.at(one).running, two, vote_reply{term_t{1}, ballot::pre_vote, true});
  EXPECT_EQ(l.at(one).running->view().role, role_name::candidate);
  EXPECT_EQ(out.save.state, (hard_state{term_t{1}, one}));
  EXPECT_EQ(of_kind<vote_request>(out.after_save).size(), 2U);
}

TEST(candidates, lead_with_a_majority_only) {
  core c{
      [] {
        auto o = of_three(one);
        o.initial.voters.emplace(4);
        o.initial.voters.emplace(5);
        return o;
      }(),
      {}};
  while (c.view().role != role_name::pre_candidate)
    (void)c.step(tick{});
  for (const node_id n : {two, three}) {
    (void)hear(c, n, vote_reply{term_t{1}, ballot::pre_vote, true});
  }
  (void)hear(c, one, vote_reply{term_t{1}, ballot::vote, true});
  (void)hear(c, two, vote_reply{term_t{1}, ballot::vote, true});
  (void)hear(c, two, vote_reply{term_t{1}, ballot::vote, true});
  EXPECT_EQ(c.view().role, role_name::candidate) << "a repeated vote counts once";
  (void)hear(c, three, vote_reply{term_t{1}, ballot::vote, true});
  EXPECT_EQ(c.view().role, role_name::leader);
}

TEST(candidates, follow_the_leader_of_their_term) {
  lab l{of_three(node_id{})};
  for (int i = 0; i < 19; ++i)
    l.tick(one);
  core& c = *l.at(one).running;
  (void)hear(c, two, vote_reply{term_t{1}, ballot::pre_vote, true});
  (void)hear(c, three, append_of(1, {}, 0, {}));
  EXPECT_EQ(c.view().role, role_name::follower);
  EXPECT_EQ(c.view().leader, three);
}

TEST(candidates, start_anew_when_the_vote_splits) {
  lab l{of_three(node_id{})};
  for (int i = 0; i < 19; ++i)
    l.tick(one);
  core& c = *l.at(one).running;
  (void)hear(c, two, vote_reply{term_t{1}, ballot::pre_vote, true});
  for (int i = 0; i < 20; ++i)
    (void)c.step(tick{});
  EXPECT_EQ(c.view().role, role_name::pre_candidate);
  (void)hear(c, two, vote_reply{term_t{2}, ballot::pre_vote, true});
  EXPECT_EQ(c.view().state, (hard_state{term_t{2}, one}));
}

// --- Leaders

TEST(leaders, tell_everybody_at_once_and_keep_telling) {
  lab l = led_by_one();
  std::size_t heartbeats = 0;
  for (int i = 0; i < 30; ++i) {
    l.tick(one);
    for (const packet& p : l.network)
      heartbeats += std::holds_alternative<heartbeat>(p.body);
    everything(l);
  }
  EXPECT_EQ(heartbeats, 20U) << "every third tick, to two";
  EXPECT_EQ(l.at(two).running->view().leader, one);
}

TEST(leaders, append_what_is_proposed_and_answer_once_committed) {
  lab l = led_by_one();
  const auto before = l.history.size();
  l.step(one, propose{{{entry_kind::command, shared_bytes{"a"}}}});
  EXPECT_EQ(l.history.size(), before);
  everything(l);
  ASSERT_EQ(l.history.size(), before + 1);
  EXPECT_EQ(l.history.back().data.view(), "a");
}

TEST(leaders, send_from_next_index_on_and_back_up_on_refusal) {
  lab l{of_three(node_id{})};
  l.at(one).disk = with_log({1, 1, 2, 2});
  l.at(two).disk = with_log({1, 1, 1, 1, 1});
  l.at(three).disk = with_log({1});
  for (const node_id n : {one, two, three})
    l.restart(n);
  while (l.at(one).running->view().role != role_name::leader) {
    l.tick(one);
    everything(l);
  }
  for (const node_id n : {two, three}) {
    EXPECT_EQ(l.at(n).running->view().last, l.at(one).running->view().last);
    EXPECT_EQ(l.at(n).running->term_at(index_t{3}), term_t{2});
  }
  EXPECT_EQ(l.violation, "");
}

TEST(leaders, commit_by_counting_only_entries_of_their_term) {
  core c = node_with({1, 2});
  while (c.view().role != role_name::pre_candidate)
    (void)c.step(tick{});
  (void)hear(c, two, vote_reply{term_t{3}, ballot::pre_vote, true});
  (void)hear(c, one, vote_reply{term_t{3}, ballot::vote, true});
  const auto out = hear(c, two, vote_reply{term_t{3}, ballot::vote, true});
  ASSERT_EQ(c.view().role, role_name::leader);
  (void)c.step(saved{out.save.entries.back().id});
  (void)hear(c, two, append_reply{term_t{3}, true, index_t{2}, {}});
  EXPECT_EQ(c.view().commit, index_t{}) << "on a majority, but of an old term (figure 8)";
  (void)hear(c, two, append_reply{term_t{3}, true, index_t{3}, {}});
  EXPECT_EQ(c.view().commit, index_t{3});
}

TEST(leaders, never_overwrite_their_own_log) {
  lab l = led_by_one();
  const entry_id last = l.at(one).running->view().last;
  l.step(one, propose{{{entry_kind::command, shared_bytes{"a"}}}});
  EXPECT_EQ(l.at(one).running->term_at(last.index), last.term);
}

}  // namespace
}  // namespace atomix::raft
