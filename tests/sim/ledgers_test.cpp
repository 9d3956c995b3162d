// SPDX-License-Identifier: Apache-2.0
// The checkers are checked: each must stay silent about what is right and speak up about what is
// not.
#include "sim/ledgers.hpp"

#include "resources/consistency.hpp"

#include <gtest/gtest.h>

namespace atomix::sim {
namespace {

const absl::Status done;
const absl::Status refused = absl::UnavailableError("no");
const absl::Status lost = unknown_outcome(absl::DeadlineExceededError("who knows"));

struct ledgers_test : testing::Test {
  world at{1};
  findings found{at};
  register_ledger reg{found, "register"};
  counter_ledger counter{found, "counter"};
  std::string stands_still;  // a client whose session is over without its knowing
  exclusive_ledger lock{found, "lock", [this](const auto& client) {
                          return client != stands_still;
                        }};

  void write(const absl::Status& outcome) { reg.end_write(reg.begin_write(), outcome); }
  void add(const absl::Status& outcome, std::int64_t result) {
    counter.begin_add();
    counter.end_add(counter.floor(), outcome, result, "c1");
  }
};

TEST_F(ledgers_test, a_read_sees_the_last_complete_write_or_one_under_way) {
  reg.end_atomic_read(reg.floor(), 0, "c1");
  write(done);
  const std::uint64_t under_way = reg.begin_write();
  reg.end_atomic_read(reg.floor(), 1, "c1");
  reg.end_atomic_read(reg.floor(), under_way, "c1");
  EXPECT_TRUE(found.empty());
}

TEST_F(ledgers_test, a_read_older_than_a_complete_write_is_found) {
  write(done);
  write(done);
  reg.end_atomic_read(reg.floor(), 1, "c1");
  EXPECT_FALSE(found.empty());
}

TEST_F(ledgers_test, a_read_older_than_an_earlier_read_is_found) {
  write(done);
  const std::uint64_t under_way = reg.begin_write();
  reg.end_atomic_read(reg.floor(), under_way, "c1");
  reg.end_atomic_read(reg.floor(), 1, "c2");
  EXPECT_FALSE(found.empty());
}

TEST_F(ledgers_test, a_read_that_was_called_before_the_write_ended_may_miss_it) {
  const std::uint64_t floor = reg.floor();
  write(done);
  reg.end_atomic_read(floor, 0, "c1");
  EXPECT_TRUE(found.empty());
}

TEST_F(ledgers_test, a_write_of_unknown_outcome_may_show_up_late) {
  write(lost);
  write(done);
  reg.end_atomic_read(reg.floor(), 1, "c1");
  EXPECT_TRUE(found.empty());
}

TEST_F(ledgers_test, a_refused_write_never_shows_up) {
  write(refused);
  reg.end_atomic_read(reg.floor(), 1, "c1");
  EXPECT_FALSE(found.empty());
}

TEST_F(ledgers_test, what_nobody_wrote_is_found) {
  reg.end_sequential_read(0, 7, "c1");
  EXPECT_FALSE(found.empty());
}

TEST_F(ledgers_test, increments_count_exactly_once) {
  add(done, 1);
  add(lost, 0);
  add(done, 3);
  counter.end_read(counter.floor(), 3, "c1");
  EXPECT_TRUE(found.empty());
  counter.end_read(counter.floor(), 4, "c1");
  EXPECT_FALSE(found.empty());
}

TEST_F(ledgers_test, a_lost_increment_is_found) {
  add(done, 1);
  add(done, 2);
  counter.end_read(counter.floor(), 1, "c1");
  EXPECT_FALSE(found.empty());
}

TEST_F(ledgers_test, two_increments_with_one_result_are_found) {
  const std::int64_t floor = counter.floor();
  counter.begin_add();
  counter.begin_add();
  counter.end_add(floor, done, 1, "c1");
  counter.end_add(floor, done, 1, "c2");
  EXPECT_FALSE(found.empty());
}

TEST_F(ledgers_test, a_lock_passes_from_one_to_the_next) {
  lock.granted("c1", 5, true);
  lock.given_up("c1");
  lock.granted("c2", 9, true);
  EXPECT_TRUE(found.empty());
}

TEST_F(ledgers_test, two_connected_holders_are_found) {
  lock.granted("c1", 5, true);
  lock.granted("c2", 9, true);
  EXPECT_FALSE(found.empty());
}

TEST_F(ledgers_test, a_holder_that_is_cut_off_does_not_count_until_it_is_back) {
  lock.granted("c1", 5, true);
  lock.connected("c1", false);
  lock.granted("c2", 9, true);
  EXPECT_TRUE(found.empty());
  lock.connected("c1", true);
  EXPECT_FALSE(found.empty());
}

TEST_F(ledgers_test, news_of_a_grant_may_come_before_the_connection_is_known_to_stand) {
  lock.granted("c1", 5, false);
  lock.granted("c2", 9, true);
  EXPECT_TRUE(found.empty());
}

TEST_F(ledgers_test, a_holder_whose_session_was_ended_early_may_not_know_yet) {
  lock.granted("c1", 5, true);
  stands_still = "c1";
  lock.granted("c2", 9, true);
  EXPECT_TRUE(found.empty());
  stands_still.clear();
  lock.granted("c3", 10, true);
  EXPECT_FALSE(found.empty());
}

TEST_F(ledgers_test, a_token_that_does_not_grow_is_found) {
  lock.granted("c1", 5, true);
  lock.given_up("c1");
  lock.granted("c2", 5, true);
  EXPECT_FALSE(found.empty());
}

TEST_F(ledgers_test, a_token_that_is_heard_of_late_is_found_unless_its_client_stood_still) {
  lock.granted("c1", 9, true);
  lock.given_up("c1");
  stands_still = "c2";
  lock.granted("c2", 5, true);
  EXPECT_TRUE(found.empty());
  lock.granted("c3", 6, true);
  EXPECT_FALSE(found.empty());
}

}  // namespace
}  // namespace atomix::sim
