// SPDX-License-Identifier: Apache-2.0
// Elections as users have them, over a replica in this process.
#include "resources/election/election.hpp"
#include "resources/local_invoker.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace atomix {
namespace {

using epochs = std::vector<index_t>;

template <class T>
T ok(const future<T>& f) {
  EXPECT_TRUE(f.is_ready());
  const absl::StatusOr<T> result = f.get();
  EXPECT_TRUE(result.ok()) << result.status();
  return result.value_or(T{});
}

void ok(const future<void>& f) {
  EXPECT_TRUE(f.is_ready());
  EXPECT_TRUE(f.get().ok()) << f.get();
}

class election_handle : public testing::Test {
 protected:
  static std::function<void(index_t)> noting(epochs& in) {
    return [&in](index_t epoch) {
      in.push_back(epoch);
    };
  }

  local_replica replica;
  std::shared_ptr<local_invoker> mine = replica.connect();
  std::shared_ptr<local_invoker> yours = replica.connect();
  election here{mine, "leader"};
  election there{yours, "leader"};
  epochs my_epochs;
  epochs your_epochs;
};

TEST_F(election_handle, elects_in_order_and_tells_the_elected) {
  ok(here.run("me", noting(my_epochs)));
  ok(there.run("you", noting(your_epochs)));
  ASSERT_EQ(my_epochs, (epochs{replica.index().previous()}));
  EXPECT_EQ(your_epochs, epochs{});
  EXPECT_TRUE(ok(there.is_leader(my_epochs[0])));
  EXPECT_EQ(ok(there.leader())->candidate, "me");
  EXPECT_EQ(ok(there.leader())->session, mine->id());
  EXPECT_EQ(ok(there.candidates()).size(), 2U);
  EXPECT_TRUE(ok(here.resign()));
  ASSERT_EQ(your_epochs, (epochs{replica.index()}));
  EXPECT_FALSE(ok(here.is_leader(my_epochs[0])));
  EXPECT_TRUE(ok(here.is_leader(your_epochs[0])));
  EXPECT_FALSE(ok(here.resign()));
}

TEST_F(election_handle, leaves_nothing_behind_that_ran_once) {
  const std::size_t before = yours->listeners();
  {
    const election passing{yours, "leader"};
    ok(passing.run("passing", noting(your_epochs)));
    EXPECT_TRUE(ok(passing.resign()));
  }
  EXPECT_EQ(yours->listeners(), before);
}

TEST_F(election_handle, an_election_without_candidates_has_no_leader) {
  EXPECT_EQ(ok(here.leader()).has_value(), false);
  EXPECT_TRUE(ok(here.candidates()).empty());
  EXPECT_FALSE(ok(here.is_leader({})));
}

TEST_F(election_handle, a_session_runs_once_whatever_its_handles) {
  ok(here.run("me", noting(my_epochs)));
  const election another{mine, "leader"};
  EXPECT_EQ(
      another.run("me", noting(your_epochs)).get().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(your_epochs, epochs{});
}

TEST_F(election_handle, the_end_of_the_leaders_session_elects_the_next) {
  ok(here.run("me", noting(my_epochs)));
  ok(there.run("you", noting(your_epochs)));
  epochs lost;
  const listening ears = here.on_lost(noting(lost));
  replica.expire(mine);
  EXPECT_EQ(lost, my_epochs);
  EXPECT_EQ(your_epochs.size(), 1U);
  replica.reopen(mine);
  ok(here.run("me again", noting(my_epochs)));
  EXPECT_EQ(my_epochs.size(), 1U);
  replica.close(yours);
  EXPECT_EQ(my_epochs.size(), 2U);
}

TEST_F(election_handle, who_does_not_lead_loses_nothing) {
  ok(there.run("you", noting(your_epochs)));
  ok(here.run("me", noting(my_epochs)));
  epochs lost;
  const listening ears = here.on_lost(noting(lost));
  replica.expire(mine);
  EXPECT_EQ(lost, epochs{});
}

TEST_F(election_handle, candidates_hear_that_the_election_was_deleted) {
  ok(here.run("me", noting(my_epochs)));
  ok(there.run("you", noting(your_epochs)));
  epochs i_lost;
  epochs you_lost;
  const listening mine_ears = here.on_lost(noting(i_lost));
  const listening your_ears = there.on_lost(noting(you_lost));
  ok(there.remove());
  EXPECT_EQ(i_lost, my_epochs);
  EXPECT_EQ(you_lost, epochs{index_t{}}) << "never led";
  EXPECT_FALSE(ok(here.resign()));
  ok(there.run("you", noting(your_epochs)));
  EXPECT_EQ(your_epochs.size(), 1U);
  replica.expire(mine);
  EXPECT_EQ(i_lost.size(), 1U);
}

TEST_F(election_handle, tells_who_comes_to_listen_what_nobody_heard) {
  ok(here.run("me", noting(my_epochs)));
  replica.expire(mine);
  epochs lost;
  const listening ears = here.on_lost(noting(lost));
  EXPECT_EQ(lost, my_epochs);
}

TEST_F(election_handle, what_another_handle_resigned_is_not_lost) {
  epochs lost;
  const listening ears = here.on_lost(noting(lost));
  ok(here.run("me", noting(my_epochs)));
  EXPECT_TRUE(ok(election{mine, "leader"}.resign()));
  replica.expire(mine);
  EXPECT_EQ(lost, epochs{});
}

TEST_F(election_handle, listeners_hear_of_each_change) {
  std::vector<std::string> heard;
  const subscription ears = there.on_change([&](const election_change& change) {
    heard.push_back(change.leader ? change.leader->candidate : "nobody");
    if (change.leader) {
      EXPECT_EQ(change.leader->epoch, change.index);
    }
  });
  ok(here.run("me", noting(my_epochs)));
  ok(there.run("you", noting(your_epochs)));
  replica.close(mine);
  ok(there.resign());
  EXPECT_EQ(heard, (std::vector<std::string>{"me", "you", "nobody"}));
}

TEST_F(election_handle, a_candidacy_goes_on_without_its_handle) {
  ok(here.run("me", noting(my_epochs)));
  ok(election{yours, "leader"}.run("you", noting(your_epochs)));
  ok(here.resign());
  EXPECT_EQ(your_epochs.size(), 1U);
}

TEST_F(election_handle, may_resign_as_soon_as_elected) {
  ok(there.run("you", noting(your_epochs)));
  ok(here.run("me", [&](index_t epoch) {
    my_epochs.push_back(epoch);
    static_cast<void>(here.resign());
  }));
  ok(there.resign());
  EXPECT_EQ(my_epochs.size(), 1U);
  EXPECT_FALSE(ok(there.leader()).has_value());
}

// Epochs are fencing tokens: an earlier life of the election counts, too.
TEST_F(election_handle, epochs_grow_across_delete_and_create) {
  ok(here.run("me", noting(my_epochs)));
  ok(here.remove());
  ok(there.run("you", noting(your_epochs)));
  ASSERT_EQ(your_epochs.size(), 1U);
  EXPECT_GT(your_epochs[0], my_epochs[0]);
  EXPECT_FALSE(ok(here.is_leader(my_epochs[0])));
}

}  // namespace
}  // namespace atomix
