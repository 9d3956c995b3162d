// SPDX-License-Identifier: Apache-2.0
// What clients saw against what the log says: told in small stories about one counter.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/sim/witnessed.hpp"

namespace atomix::sim {
namespace {

namespace counter = resources::counter;

TEST_F(witnessed, what_fits_the_log_is_left_alone) {
  const auto add = call_add(5);
  const index_t at = commit_add(5, 1);
  answer_add(add, at, 0, 5);
  answer_get(call_get(), at, 5);
  EXPECT_TRUE(objections().empty());
}

TEST_F(witnessed, another_result_than_the_log_gives_is_found) {
  const auto add = call_add(5);
  answer_add(add, commit_add(5, 1), 0, 6);
  EXPECT_FALSE(objections().empty());
}

TEST_F(witnessed, a_stale_read_is_found) {
  const auto add = call_add(5);
  const index_t at = commit_add(5, 1);
  answer_add(add, at, 0, 5);
  answer_get(call_get(), at.previous(), 0);
  EXPECT_EQ(objections().front(), "linearizability");
}

TEST_F(witnessed, an_acknowledged_command_that_is_not_in_the_log_is_found) {
  const auto add = call_add(5);
  answer_add(add, index_t{3}, 0, 5);
  EXPECT_FALSE(objections().empty());
}

TEST_F(witnessed, a_refused_command_that_is_in_the_log_is_found) {
  const auto add = call_add(5);
  static_cast<void>(commit_add(5, 1));
  book.add_return(add, absl::FailedPreconditionError("refused"));
  EXPECT_FALSE(objections().empty());
}

TEST_F(witnessed, a_retry_in_the_log_counts_once) {
  const auto add = call_add(5);
  const index_t at = commit_add(5, 1);
  const index_t again = commit_add(5, 1);
  answer_add(add, at, 0, 5);
  answer_get(call_get(), again, 5);
  EXPECT_TRUE(objections().empty());
}

TEST_F(witnessed, a_replica_in_the_state_that_the_log_gives) {
  replica_has(what_the_log_gives());
  const auto add = call_add(5);
  answer_add(add, commit_add(5, 1), 0, 5);
  replica_has(what_the_log_gives());
  EXPECT_TRUE(objections().empty());
}

TEST_F(witnessed, a_machine_in_another_state_is_found) {
  const std::uint64_t before = what_the_log_gives();
  const auto add = call_add(5);
  answer_add(add, commit_add(5, 1), 0, 5);
  replica_has(before);
  EXPECT_EQ(objections(), std::vector<std::string>{"machines"});
}

TEST_F(witnessed, a_machine_that_is_wrong_on_all_replicas_alike_is_found) {
  struct forgetful : counter::machine {
    using machine::apply;
    void apply(resources::commit_context& c, const counter::proto::Add& op) {
      if (op.delta() == 5) return machine::apply(c, counter::proto::Add{});
      machine::apply(c, op);
    }
  };
  machines.add<forgetful>();
  const auto add = call_add(5);
  answer_add(add, commit_add(5, 1), 0, 0);
  EXPECT_EQ(objections(), std::vector<std::string>{"specification"});
}

TEST_F(witnessed, a_replica_with_another_number_of_sessions_is_found) {
  replica_has(what_the_log_gives());
  states.rbegin()->second.sessions = 2;
  EXPECT_EQ(objections(), std::vector<std::string>{"session"});
}

TEST_F(witnessed, a_client_that_is_answered_after_its_session_has_expired_is_found) {
  const auto add = call_add(5);
  const index_t at = commit_add(5, 1);
  book.session_changed(0, {}, session_state::expired);
  commit_expiry();
  now_ += second;
  answer_add(add, at, 0, 5);
  EXPECT_EQ(objections(), std::vector<std::string>{"session"});
}

// What it waited for makes no difference: a lock that it grants may be another's.
TEST_F(witnessed, an_answer_that_was_held_back_does_not_come_with_the_end_of_its_session) {
  (void)call_add(1);
  const auto add = call_add(5);
  commit_add(1, 1);
  const index_t at = commit_add(5, 2);
  commit_expiry();
  book.session_changed(0, {}, session_state::expired);
  now_ += second;
  answer_add(add, at, 1, 6);
  EXPECT_EQ(objections(), std::vector<std::string>{"session"});
}

// Who is out of touch holds what it holds, until it hears that it has expired.
TEST_F(witnessed, a_client_that_believes_in_a_session_that_has_expired_is_found) {
  book.session_changed(0, {}, session_state::suspended);
  commit_expiry();
  now_ += second;
  book.session_changed(0, {}, session_state::expired);
  EXPECT_EQ(objections(), std::vector<std::string>{"session"});
}

/// All is quiet from 1 s on.
class witnessed_quiet : public witnessed {
 protected:
  static constexpr sim_duration timeout = 3'600 * second;

  witnessed_quiet() { quiet = {1 * second, 2 * timeout}; }
};

TEST_F(witnessed_quiet, what_is_answered_at_once_is_well) {
  now_ = 2 * second;
  answer_add(call_add(5), commit_add(5, 1), 0, 5);
  now_ = 10 * second;
  EXPECT_TRUE(objections().empty());
}

TEST_F(witnessed_quiet, a_call_that_waits_for_nothing_is_found) {
  now_ = 2 * second;
  const auto add = call_add(5);
  const index_t at = commit_add(5, 1);
  now_ = 4 * second;
  answer_add(add, at, 0, 5);
  EXPECT_EQ(objections(), std::vector<std::string>{"promptness"});
  quiet.begin = 3 * second;
  EXPECT_TRUE(objections().empty()) << "it may have been hindered when it was called";
}

TEST_F(witnessed_quiet, who_must_find_back_after_a_blow_has_time_to) {
  quiet.blow = 10 * second;
  now_ = 9 * second;
  const auto add = call_add(5);
  const index_t at = commit_add(5, 1);
  now_ = 16 * second;
  EXPECT_TRUE(objections().empty());
  now_ = 17 * second;
  answer_add(add, at, 0, 5);
  EXPECT_EQ(objections(), std::vector<std::string>{"promptness"});
  quiet.blow = 11 * second;
  EXPECT_EQ(objections(), std::vector<std::string>{"promptness"}) << "it waited before, too";
  quiet.blow = 10 * second + 400 * millisecond;
  quiet.end = 16 * second;
  EXPECT_TRUE(objections().empty());
}

TEST_F(witnessed_quiet, a_session_that_its_client_closes_is_closed) {
  now_ = 2 * second;
  book.session_left(0);
  book.session_changed(0, {}, session_state::closed);
  now_ = 4 * second;
  EXPECT_TRUE(objections().empty()) << "calls come before";
  now_ = 6 * second;
  EXPECT_EQ(objections(), std::vector<std::string>{"closings"});
  quiet.begin = 4 * second;
  EXPECT_TRUE(objections().empty()) << "it may have got lost";
  quiet.begin = 1 * second;
  commit_closing();
  EXPECT_TRUE(objections().empty());
}

TEST_F(witnessed_quiet, a_session_that_nothing_hindered_does_not_expire) {
  quiet.begin = 100 * millisecond;
  now_ = timeout + 200 * millisecond;
  book.session_changed(0, {}, session_state::expired);
  EXPECT_EQ(objections(), std::vector<std::string>{"session"});
  quiet.begin = timeout - 10 * second;
  EXPECT_TRUE(objections().empty()) << "it may have had no time to say that it lives";
}

TEST_F(witnessed_quiet, what_is_due_happens) {
  now_ = timeout + 200 * millisecond;
  EXPECT_TRUE(objections().empty());
  now_ = timeout + 1 * second;
  EXPECT_EQ(objections(), std::vector<std::string>{"deadlines"});
  book.session_changed(0, {}, session_state::closed);
  commit_expiry();
  now_ = timeout + 2 * second;
  EXPECT_EQ(objections(), std::vector<std::string>{"deadlines"}) << "it came late";
}

TEST_F(witnessed, time_that_goes_on_between_two_terms_is_found) {
  commit_term(0);
  EXPECT_TRUE(objections().empty());
  commit_term(1);
  EXPECT_EQ(objections(), std::vector<std::string>{"log time"});
}

TEST_F(witnessed, a_session_that_is_given_up_without_end_is_found) {
  for (int i = 0; i < 100; ++i)
    commit_giving_up();
  EXPECT_TRUE(objections().empty()) << "whoever said so had not applied it yet";
  now_ = 2 * second;
  for (int i = 0; i < 100; ++i)
    commit_giving_up();
  EXPECT_EQ(objections(), std::vector<std::string>{"session"});
}

}  // namespace
}  // namespace atomix::sim
