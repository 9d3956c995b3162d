// SPDX-License-Identifier: Apache-2.0
// The machine of locks, entry by entry. Sessions are 1, 2, 3 and 4.
#include "resources/lock/machine.hpp"

#include <absl/strings/str_cat.h>

#include "tests/resources/machine_fixture.hpp"

namespace atomix::resources::lock {
namespace {

constexpr std::uint64_t forever = ~std::uint64_t{0};
using texts = std::vector<std::string>;

class lock_machine : public testing::Test {
 protected:
  static proto::Acquire asking(std::uint64_t wait_ms) {
    proto::Acquire op;
    if (wait_ms == forever)
      op.set_wait_forever(true);
    else
      op.set_wait_ms(wait_ms);
    return op;
  }
  /// Its token or, if it waits, its request.
  proto::Asked acquire(std::uint64_t session, std::uint64_t wait_ms = forever) {
    return run.ask<proto::Asked>(session, asking(wait_ms));
  }
  bool release(std::uint64_t session, std::uint64_t token = 0) {
    proto::Release op;
    if (token != 0) op.set_token(token);
    return run.ask<proto::Answer>(session, op).yes();
  }
  bool withdraw(std::uint64_t session) {
    return run.ask<proto::Answer>(session, proto::Withdraw{}).yes();
  }
  std::uint64_t holder() { return state().session(); }
  std::uint64_t waiting() { return state().waiting(); }
  std::uint64_t token() { return state().token(); }
  proto::State state() { return run.look<proto::State>(1, proto::GetState{}); }
  bool check(std::uint64_t token) {
    proto::Check op;
    op.set_token(token);
    return run.look<proto::Answer>(1, op).yes();
  }
  /// Takes events as texts: "102 granted 105", "102 timed out", "102 withdrawn",
  /// "released 105", "102 deleted", "lost 105".
  texts heard(std::uint64_t session) {
    texts result;
    for (const std::string& bytes : run.take_events(session)) {
      if (const auto e = decode_as<machine::events, proto::Granted>(bytes))
        result.push_back(absl::StrCat(e->request(), " granted ", e->token()));
      if (const auto e = decode_as<machine::events, proto::TimedOut>(bytes))
        result.push_back(absl::StrCat(e->request(), " timed out"));
      if (const auto e = decode_as<machine::events, proto::Withdrawn>(bytes))
        result.push_back(absl::StrCat(e->request(), " withdrawn"));
      if (const auto e = decode_as<machine::events, proto::Released>(bytes))
        result.push_back(absl::StrCat("released ", e->token()));
      if (const auto e = decode_as<machine::events, proto::Deleted>(bytes))
        result.push_back(
            e->token() != 0 ? absl::StrCat("lost ", e->token())
                            : absl::StrCat(e->request(), " deleted"));
    }
    return result;
  }
  texts granted(const proto::Asked& request) {
    return {absl::StrCat(request.request(), " granted ", run.index().value())};
  }

  machine_fixture<machine> run;
};

TEST_F(lock_machine, a_free_lock_is_granted_at_once_with_the_log_index) {
  EXPECT_EQ(holder(), 0U);
  const auto mine = acquire(1);
  EXPECT_EQ(mine.token(), run.index().value());
  EXPECT_EQ(mine.request(), 0U);
  EXPECT_EQ(holder(), 1U);
  EXPECT_EQ(token(), mine.token());
}

TEST_F(lock_machine, is_granted_in_the_order_of_asking) {
  acquire(1);
  const auto third = acquire(3);
  const auto second = acquire(2);
  EXPECT_EQ(third.token(), 0U);
  EXPECT_EQ(third.request(), run.index().value() - 1);
  EXPECT_EQ(waiting(), 2U);
  EXPECT_TRUE(release(1));
  EXPECT_EQ(heard(3), granted(third));
  EXPECT_EQ(heard(2), texts{});
  EXPECT_TRUE(release(3));
  EXPECT_EQ(heard(2), granted(second));
  EXPECT_TRUE(release(2));
  EXPECT_EQ(holder(), 0U);
}

TEST_F(lock_machine, tokens_only_grow) {
  const auto first = acquire(1).token();
  acquire(2);
  release(1);
  const auto second = token();
  release(2);
  const auto third = acquire(1).token();
  EXPECT_LT(first, second);
  EXPECT_LT(second, third);
}

// Session 2 does not know yet that it holds the lock when it gives up whatever it may hold.
TEST_F(lock_machine, two_grants_at_one_entry_have_tokens_of_their_own) {
  acquire(1);
  acquire(2);
  acquire(3);
  acquire(4);
  run.close_before_command(1, 2, proto::Release{});
  EXPECT_EQ(heard(2), texts{"102 granted 105"});
  EXPECT_EQ(heard(3), texts{"103 granted 106"});
  EXPECT_FALSE(check(105));
  EXPECT_TRUE(check(106));
  release(3);
  EXPECT_EQ(heard(4), texts{"104 granted 107"});
}

TEST_F(lock_machine, only_the_token_of_the_present_holder_passes_the_check) {
  EXPECT_FALSE(check(0));
  const auto first = acquire(1).token();
  EXPECT_TRUE(check(first));
  EXPECT_FALSE(check(first + 1));
  release(1);
  EXPECT_FALSE(check(first));
  EXPECT_FALSE(check(0));
}

TEST_F(lock_machine, a_held_lock_is_not_acquired_without_patience) {
  acquire(1);
  const auto reply = acquire(2, 0);
  EXPECT_EQ(reply.token(), 0U);
  EXPECT_EQ(reply.request(), 0U);
  EXPECT_EQ(waiting(), 0U);
  release(1);
  EXPECT_EQ(heard(2), texts{});
  EXPECT_NE(acquire(2, 0).token(), 0U);
}

// In the original the future of such a request never completed.
TEST_F(lock_machine, a_request_times_out_and_is_told_so) {
  acquire(1);
  const auto request = acquire(2, 100);
  run.advance(99);
  EXPECT_EQ(heard(2), texts{}) << "too early";
  run.advance(1);
  EXPECT_EQ(heard(2), (texts{absl::StrCat(request.request(), " timed out")}));
  EXPECT_EQ(waiting(), 0U);
  EXPECT_EQ(run.next_deadline(), std::nullopt);
  release(1);
  EXPECT_EQ(holder(), 0U);
}

TEST_F(lock_machine, a_grant_in_time_stops_the_clock) {
  acquire(1);
  const auto request = acquire(2, 100);
  run.advance(99);
  release(1);
  EXPECT_EQ(heard(2), granted(request));
  EXPECT_EQ(run.next_deadline(), std::nullopt);
  run.advance(1'000);
  EXPECT_EQ(heard(2), texts{});
  EXPECT_EQ(holder(), 2U);
}

TEST_F(lock_machine, one_that_timed_out_is_passed_over) {
  acquire(1);
  acquire(2, 100);
  const auto third = acquire(3);
  run.advance(100);
  release(1);
  EXPECT_EQ(heard(3), granted(third));
}

TEST_F(lock_machine, waits_as_long_as_a_number_can_say) {
  acquire(1);
  const auto request = acquire(2, forever - 1);
  run.advance(1'000'000);
  release(1);
  EXPECT_EQ(heard(2), granted(request));
}

// B4 answered with an error, 1.0 with silence; here the answer says what happened.
TEST_F(lock_machine, only_the_holder_releases) {
  EXPECT_FALSE(release(1)) << "free";
  const auto mine = acquire(1).token();
  acquire(3);
  EXPECT_FALSE(release(2)) << "a stranger";
  EXPECT_FALSE(release(3)) << "one that waits";
  EXPECT_FALSE(release(2, mine)) << "a stranger that knows the token";
  EXPECT_FALSE(release(1, mine + 1)) << "another token";
  EXPECT_EQ(holder(), 1U);
  EXPECT_TRUE(release(1, mine));
  EXPECT_EQ(holder(), 3U);
}

TEST_F(lock_machine, a_late_release_does_not_end_a_later_hold) {
  const auto first = acquire(1).token();
  EXPECT_TRUE(release(1, first));
  acquire(1);
  EXPECT_FALSE(release(1, first));
  EXPECT_EQ(holder(), 1U);
}

TEST_F(lock_machine, is_not_reentrant_and_says_so) {
  acquire(1);
  for (const std::uint64_t wait_ms : {std::uint64_t{0}, std::uint64_t{100}, forever})
    EXPECT_EQ(run.command(1, asking(wait_ms)).code, absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(waiting(), 0U);
  EXPECT_TRUE(release(1));
  EXPECT_EQ(holder(), 0U);
}

TEST_F(lock_machine, a_session_waits_once) {
  acquire(1);
  acquire(2);
  EXPECT_EQ(run.command(2, asking(forever)).code, absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(run.command(2, asking(0)).code, absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(waiting(), 1U);
}

TEST_F(lock_machine, a_wait_can_be_withdrawn) {
  acquire(1);
  const auto second = acquire(2, 100);
  const auto third = acquire(3);
  EXPECT_TRUE(withdraw(2));
  EXPECT_EQ(heard(2), (texts{absl::StrCat(second.request(), " withdrawn")}));
  EXPECT_FALSE(withdraw(2));
  EXPECT_EQ(run.next_deadline(), std::nullopt);
  release(1);
  EXPECT_EQ(heard(3), granted(third));
  EXPECT_FALSE(withdraw(3)) << "it holds: that is for release";
  EXPECT_EQ(holder(), 3U);
}

TEST_F(lock_machine, one_that_withdrew_may_ask_again_at_the_end) {
  acquire(1);
  acquire(2);
  acquire(3);
  withdraw(2);
  acquire(2);
  release(1);
  EXPECT_EQ(holder(), 3U);
}

// B4 never released the lock of a dead session (its "critical bug" 64).
TEST_F(lock_machine, the_end_of_the_holder_releases) {
  acquire(1);
  const auto second = acquire(2);
  run.close(1);
  EXPECT_EQ(heard(2), granted(second));
  run.close(2);
  EXPECT_EQ(holder(), 0U);
}

// Later versions granted to a session that was dead already, and the lock was stuck.
TEST_F(lock_machine, the_dead_are_never_granted_to) {
  acquire(1);
  acquire(2);
  acquire(3, 100);
  const auto fourth = acquire(4);
  run.close(2);
  run.close(3);
  EXPECT_EQ(waiting(), 1U);
  EXPECT_EQ(run.next_deadline(), std::nullopt);
  EXPECT_TRUE(release(1));
  EXPECT_EQ(holder(), 4U);
  EXPECT_EQ(heard(4), granted(fourth));
  EXPECT_EQ(heard(2), texts{});
  EXPECT_EQ(heard(3), texts{});
}

TEST_F(lock_machine, the_end_of_a_stranger_changes_nothing) {
  acquire(1);
  const std::uint64_t before = run.state_hash();
  run.close(2);
  EXPECT_EQ(run.state_hash(), before);
}

// Once it passed through those that ended at the same entry: two grants had one token.
TEST_F(lock_machine, holder_and_next_may_end_at_one_entry) {
  acquire(1);
  acquire(2);
  const auto third = acquire(3);
  run.close({1, 2});
  EXPECT_EQ(holder(), 3U);
  EXPECT_EQ(token(), run.index().value());
  EXPECT_EQ(waiting(), 0U);
  EXPECT_EQ(heard(2), texts{});
  EXPECT_EQ(heard(3), granted(third));
}

TEST_F(lock_machine, a_lock_is_free_when_all_end_at_one_entry) {
  acquire(1);
  acquire(2, 50);
  run.close({1, 2});
  EXPECT_EQ(holder(), 0U);
  EXPECT_EQ(waiting(), 0U);
  EXPECT_EQ(run.next_deadline(), std::nullopt);
  EXPECT_EQ(heard(2), texts{});
}

// In the original they waited for ever.
TEST_F(lock_machine, the_deletion_is_told_to_the_holder_and_to_all_that_wait) {
  const auto first = acquire(1);
  const auto second = acquire(2);
  const auto third = acquire(3, 50);
  run.remove();
  EXPECT_EQ(heard(1), (texts{absl::StrCat("lost ", first.token())}));
  EXPECT_EQ(heard(2), (texts{absl::StrCat(second.request(), " deleted")}));
  EXPECT_EQ(heard(3), (texts{absl::StrCat(third.request(), " deleted")}));
  EXPECT_GT(acquire(2).token(), first.token());
  run.advance(50);
  EXPECT_EQ(heard(3), texts{});
}

TEST_F(lock_machine, the_deletion_of_a_free_lock_is_told_to_nobody) {
  acquire(1);
  release(1);
  run.remove();
  EXPECT_EQ(heard(1), texts{});
}

TEST_F(lock_machine, a_release_by_another_handle_of_the_session_is_told) {
  proto::Acquire mine = asking(forever);
  mine.set_handle(7);
  proto::Release release;
  release.set_handle(7);
  run.command(1, mine);
  run.command(1, release);
  EXPECT_EQ(heard(1), texts{});
  const auto again = run.ask<proto::Asked>(1, mine);
  release.set_handle(8);
  EXPECT_TRUE(run.ask<proto::Answer>(1, release).yes());
  EXPECT_EQ(heard(1), (texts{absl::StrCat("released ", again.token())}));
}

}  // namespace
}  // namespace atomix::resources::lock
