// SPDX-License-Identifier: Apache-2.0
// The machine of elections, entry by entry. Sessions are 1, 2, 3; 9 listens.
#include "resources/election/machine.hpp"

#include <absl/strings/str_cat.h>

#include "tests/resources/machine_fixture.hpp"

namespace atomix::resources::election {
namespace {

using texts = std::vector<std::string>;

class election_machine : public testing::Test {
 protected:
  proto::Entered enter(std::uint64_t session, const std::string& name = "n") {
    return run.ask<proto::Entered>(session, running(name));
  }
  static proto::Run running(const std::string& name) {
    proto::Run op;
    op.set_candidate(name);
    return op;
  }
  bool resign(std::uint64_t session) {
    return run.ask<proto::Answer>(session, proto::Resign{}).yes();
  }
  void listen() { EXPECT_TRUE(run.command(9, proto::Listen{}).ok()); }
  proto::Leader leader() { return run.look<proto::Leader>(1, proto::GetLeader{}); }
  bool is_leader(std::uint64_t epoch) {
    proto::IsLeader op;
    op.set_epoch(epoch);
    return run.look<proto::Answer>(1, op).yes();
  }
  /// "1:a 2:b", the leader first.
  std::string candidates() {
    std::string text;
    const auto reply = run.look<proto::Candidates>(1, proto::GetCandidates{});
    for (const auto& each : reply.candidates())
      absl::StrAppend(&text, text.empty() ? "" : " ", each.session(), ":", each.candidate());
    return text;
  }
  /// Takes events as texts: "101 elected 105", "leader 2:b 105", "nobody",
  /// "101 resigned", "101 deleted".
  texts heard(std::uint64_t session) {
    texts result;
    for (const std::string& bytes : run.take_events(session)) {
      if (const auto e = decode_as<machine::events, proto::Elected>(bytes))
        result.push_back(absl::StrCat(e->candidacy(), " elected ", e->epoch()));
      if (const auto e = decode_as<machine::events, proto::LeaderChanged>(bytes))
        result.push_back(
            !e->has_leader() ? "nobody"
                             : absl::StrCat(
                                 "leader ",
                                 e->leader().session(),
                                 ":",
                                 e->leader().candidate(),
                                 " ",
                                 e->leader().epoch()));
      if (const auto e = decode_as<machine::events, proto::Resigned>(bytes))
        result.push_back(absl::StrCat(e->candidacy(), " resigned"));
      if (const auto e = decode_as<machine::events, proto::Deleted>(bytes))
        result.push_back(absl::StrCat(e->candidacy(), " deleted"));
    }
    return result;
  }

  machine_fixture<machine> run;
};

TEST_F(election_machine, the_first_candidate_leads_at_once_with_the_log_index) {
  EXPECT_EQ(leader().session(), 0U);
  const auto first = enter(1, "a");
  EXPECT_EQ(first.epoch(), run.index().value());
  EXPECT_EQ(leader().session(), 1U);
  EXPECT_EQ(leader().epoch(), first.epoch());
  EXPECT_EQ(leader().candidate(), "a");
  EXPECT_EQ(heard(1), texts{}) << "the answer said it";
}

TEST_F(election_machine, candidates_lead_in_the_order_in_which_they_came) {
  enter(1, "a");
  const auto third = enter(3, "c");
  const auto second = enter(2, "b");
  EXPECT_EQ(third.epoch(), 0U);
  EXPECT_EQ(candidates(), "1:a 3:c 2:b");
  EXPECT_TRUE(resign(1));
  EXPECT_EQ(heard(3), (texts{absl::StrCat(third.candidacy(), " elected ", run.index().value())}));
  EXPECT_EQ(heard(2), texts{});
  EXPECT_TRUE(resign(3));
  EXPECT_EQ(heard(2), (texts{absl::StrCat(second.candidacy(), " elected ", run.index().value())}));
  EXPECT_TRUE(resign(2));
  EXPECT_EQ(leader().session(), 0U);
}

TEST_F(election_machine, epochs_only_grow_and_end_with_their_leader) {
  const auto first = enter(1).epoch();
  EXPECT_TRUE(is_leader(first));
  EXPECT_FALSE(is_leader(first + 1));
  enter(2);
  EXPECT_TRUE(is_leader(first));
  resign(1);
  const auto second = leader().epoch();
  EXPECT_GT(second, first);
  EXPECT_FALSE(is_leader(first));
  EXPECT_TRUE(is_leader(second));
  resign(2);
  EXPECT_FALSE(is_leader(second));
  EXPECT_FALSE(is_leader(0));
  EXPECT_GT(enter(1).epoch(), second);
}

// Session 2 does not know yet that it leads when it resigns.
TEST_F(election_machine, two_elections_at_one_entry_have_epochs_of_their_own) {
  enter(1);
  enter(2);
  enter(3);
  enter(4);
  run.close_before_command(1, 2, proto::Resign{});
  EXPECT_EQ(heard(2), texts{"102 elected 105"});
  EXPECT_EQ(heard(3), texts{"103 elected 106"});
  EXPECT_FALSE(is_leader(105));
  EXPECT_TRUE(is_leader(106));
  resign(3);
  EXPECT_EQ(heard(4), texts{"104 elected 107"});
}

TEST_F(election_machine, a_session_runs_once) {
  enter(1);
  enter(2);
  EXPECT_EQ(run.command(1, running("x")).code, absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(run.command(2, running("x")).code, absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(candidates(), "1:n 2:n");
}

TEST_F(election_machine, only_a_candidate_resigns) {
  EXPECT_FALSE(resign(1));
  enter(1);
  EXPECT_FALSE(resign(2));
  EXPECT_EQ(leader().session(), 1U);
}

TEST_F(election_machine, one_that_waits_may_resign_unnoticed) {
  enter(1);
  enter(2);
  enter(3);
  listen();
  EXPECT_TRUE(resign(2));
  EXPECT_EQ(heard(9), texts{});
  EXPECT_EQ(candidates(), "1:n 3:n");
  resign(1);
  EXPECT_EQ(leader().session(), 3U);
}

TEST_F(election_machine, one_that_resigned_may_come_back_at_the_end) {
  enter(1);
  enter(2);
  resign(1);
  EXPECT_EQ(enter(1).epoch(), 0U);
  EXPECT_EQ(candidates(), "2:n 1:n");
}

TEST_F(election_machine, the_end_of_the_leader_elects_the_next) {
  enter(1);
  const auto second = enter(2);
  run.close(1);
  EXPECT_EQ(heard(2), (texts{absl::StrCat(second.candidacy(), " elected ", run.index().value())}));
  EXPECT_EQ(leader().session(), 2U);
}

// Locks of the original were handed to the dead; elections shared the way it was done.
TEST_F(election_machine, the_dead_are_never_elected) {
  enter(1);
  enter(2);
  enter(3);
  run.close(2);
  run.close(1);
  EXPECT_EQ(leader().session(), 3U);
  EXPECT_EQ(heard(2), texts{});
}

// Once leadership passed through those that ended at the same entry: two leaders, one epoch.
TEST_F(election_machine, leader_and_next_may_end_at_one_entry) {
  listen();
  enter(1, "a");
  enter(2, "b");
  const auto third = enter(3, "c");
  heard(9);
  run.close({1, 2});
  const std::string epoch = absl::StrCat(run.index().value());
  EXPECT_EQ(heard(9), (texts{absl::StrCat("leader 3:c ", epoch)}));
  EXPECT_EQ(heard(2), texts{});
  EXPECT_EQ(heard(3), (texts{absl::StrCat(third.candidacy(), " elected ", epoch)}));
  run.close({9, 3});
  EXPECT_EQ(leader().session(), 0U);
}

TEST_F(election_machine, the_deletion_is_told_to_all_candidates_and_listeners) {
  const auto first = enter(1, "a");
  const auto second = enter(2, "b");
  listen();
  run.remove();
  EXPECT_EQ(heard(1), (texts{absl::StrCat(first.candidacy(), " deleted")}));
  EXPECT_EQ(heard(2), (texts{absl::StrCat(second.candidacy(), " deleted")}));
  EXPECT_EQ(heard(9), (texts{"nobody"}));
  EXPECT_GT(enter(2).epoch(), first.epoch());
  listen();
  resign(2);
  heard(9);
  run.remove();
  EXPECT_EQ(heard(9), texts{}) << "nobody led before";
}

TEST_F(election_machine, a_resignation_by_another_handle_of_the_session_is_told) {
  proto::Run entering = running("a");
  entering.set_handle(7);
  const auto mine = run.ask<proto::Entered>(1, entering);
  EXPECT_TRUE(resign(1));
  EXPECT_EQ(heard(1), (texts{absl::StrCat(mine.candidacy(), " resigned")}));
}

// In the original only the leader knew who led (its issue 186).
TEST_F(election_machine, listeners_hear_who_leads) {
  listen();
  const auto first = enter(1, "a").epoch();
  enter(2, "b");
  EXPECT_EQ(heard(9), (texts{absl::StrCat("leader 1:a ", first)}));
  run.close(1);
  EXPECT_EQ(heard(9), (texts{absl::StrCat("leader 2:b ", run.index().value())}));
  resign(2);
  EXPECT_EQ(heard(9), (texts{"nobody"}));
}

TEST_F(election_machine, listeners_go_on_demand_and_with_their_session) {
  listen();
  proto::Listen second;
  second.set_listener(2);
  EXPECT_TRUE(run.command(9, second).ok());
  EXPECT_TRUE(run.command(9, proto::Unlisten{}).ok());
  enter(1);
  EXPECT_EQ(heard(9).size(), 1U);
  run.close(9);
  resign(1);
  EXPECT_EQ(heard(9), texts{});
  machine_fixture<machine> alone;  // the same election, and nobody listened
  for (int other = 0; other < 3; ++other)
    alone.advance(0);
  alone.command(1, running("n"));
  alone.advance(0);
  alone.command(1, proto::Resign{});
  EXPECT_EQ(run.state_hash(), alone.state_hash());
}

TEST_F(election_machine, a_leader_that_listens_hears_both) {
  enter(1, "a");
  enter(9, "z");
  listen();
  resign(1);
  EXPECT_EQ(heard(9).size(), 2U);
}

}  // namespace
}  // namespace atomix::resources::election
