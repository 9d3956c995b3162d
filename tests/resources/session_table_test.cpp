// SPDX-License-Identifier: Apache-2.0
#include "resources/session_table.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace atomix::resources {
namespace {

constexpr std::uint64_t timeout = 1'000;

/// One session, opened at time 0 by entry 10.
class session_table_test : public testing::Test {
 protected:
  admission admit(std::uint64_t sequence, std::uint64_t index = 100) {
    return table.admit(client, sequence, index_t{index}, now).verdict;
  }
  void complete(std::uint64_t sequence, const std::string& result = "r") {
    table.complete(client, {sequence, index_t{}, absl::StatusCode::kOk, {}, result});
  }
  bool seen(std::uint64_t replies, std::uint64_t events = 0) {
    return table.keep_alive(client, replies, events, now);
  }
  /// Time moves on; who expired.
  std::vector<session_id> at(std::uint64_t time) {
    now = log_time{time};
    return table.advance(now);
  }
  std::vector<std::string> events_after(std::uint64_t number) {
    std::vector<std::string> texts;
    for (const auto& event : table.events_after(client, number))
      texts.push_back(event.event);
    return texts;
  }

  session_table table;
  log_time now;
  session_id client = table.open(index_t{10}, "token", timeout, now);
};

using nobody = std::vector<session_id>;
using texts = std::vector<std::string>;

TEST_F(session_table_test, the_id_is_the_index_of_its_entry) {
  EXPECT_EQ(client, session_id{10});
  EXPECT_TRUE(table.contains(client));
  EXPECT_EQ(table.size(), 1U);
}

TEST_F(session_table_test, opening_again_with_the_same_token_finds_the_session) {
  EXPECT_EQ(table.open(index_t{20}, "token", timeout, now), client);
  EXPECT_EQ(table.open(index_t{21}, "other", timeout, now), session_id{21});
  ASSERT_TRUE(table.close(client));
  EXPECT_EQ(table.open(index_t{22}, "token", timeout, now), session_id{22});
}

TEST_F(session_table_test, opening_again_counts_as_contact) {
  at(999);
  table.open(index_t{20}, "token", timeout, now);
  EXPECT_EQ(at(1'998), nobody{});
  EXPECT_EQ(at(1'999), std::vector{client});
}

TEST_F(session_table_test, an_empty_token_never_finds_another_session) {
  EXPECT_EQ(table.open(index_t{20}, "", timeout, now), session_id{20});
  EXPECT_EQ(table.open(index_t{21}, "", timeout, now), session_id{21});
}

TEST_F(session_table_test, timeouts_are_clamped) {
  const auto timeout_of = [&](std::uint64_t index, std::uint64_t wish) {
    return table.timeout_ms(table.open(index_t{index}, "", wish, now));
  };
  EXPECT_EQ(timeout_of(20, 1), session_table::timeout_ms_min);
  EXPECT_EQ(timeout_of(21, 700), 700U);
  EXPECT_EQ(timeout_of(22, ~std::uint64_t{0}), session_table::timeout_ms_max);
  EXPECT_EQ(table.timeout_ms(session_id{99}), 0U);
}

TEST_F(session_table_test, a_session_expires_when_its_whole_timeout_has_passed) {
  EXPECT_EQ(at(999), nobody{});
  EXPECT_EQ(at(1'000), std::vector{client});
  EXPECT_FALSE(table.contains(client));
  EXPECT_EQ(at(1'000), nobody{});
  EXPECT_FALSE(seen(0));
  EXPECT_EQ(admit(1), admission::unknown_session);
}

TEST_F(session_table_test, every_contact_moves_the_deadline) {
  at(600);
  EXPECT_TRUE(seen(0));
  at(1'200);
  EXPECT_EQ(admit(1), admission::fresh);
  at(1'800);
  EXPECT_EQ(admit(1), admission::pending);  // a repetition, too
  at(2'400);
  EXPECT_EQ(admit(7), admission::gap);
  EXPECT_EQ(at(3'399), nobody{});
  EXPECT_EQ(at(3'400), std::vector{client});
}

TEST_F(session_table_test, those_that_expire_together_come_in_order_of_id) {
  const session_id second = table.open(index_t{20}, "", 600, now);
  const session_id third = table.open(index_t{30}, "", 700, now);
  EXPECT_EQ(at(5'000), (std::vector{client, second, third}));
}

TEST_F(session_table_test, a_new_leader_grants_everybody_a_full_timeout) {
  at(900);
  table.grant_grace(log_time{900});
  EXPECT_EQ(at(1'899), nobody{});
  EXPECT_EQ(at(1'900), std::vector{client});
}

TEST_F(session_table_test, next_deadline_is_never_late_and_always_ahead) {
  EXPECT_EQ(table.next_deadline(), log_time{1'000});
  at(500);
  ASSERT_TRUE(seen(0));
  at(1'000);
  EXPECT_EQ(table.next_deadline(), log_time{1'500});
  at(1'500);
  EXPECT_EQ(table.next_deadline(), std::nullopt);
}

TEST_F(session_table_test, verdicts) {
  EXPECT_EQ(admit(0), admission::gap);
  EXPECT_EQ(admit(2), admission::gap);
  EXPECT_EQ(admit(1), admission::fresh);
  EXPECT_EQ(admit(1), admission::pending);
  EXPECT_EQ(admit(2), admission::fresh);
  complete(1, "one");
  EXPECT_EQ(admit(1), admission::duplicate);
  EXPECT_EQ(table.admit(client, 1, index_t{300}, now).reply->result, "one");
  EXPECT_EQ(table.admit(client, 1, index_t{300}, now).reply->index, index_t{100});
  EXPECT_EQ(admit(2), admission::pending);
  ASSERT_TRUE(seen(1));
  EXPECT_EQ(admit(1), admission::forgotten);
  EXPECT_EQ(admit(3), admission::fresh);
  EXPECT_EQ(table.last_sequence(client), 3U);
  EXPECT_EQ(table.admit(session_id{99}, 1, index_t{300}, now).verdict, admission::unknown_session);
}

TEST_F(session_table_test, replies_complete_in_any_order_and_are_told_in_theirs) {
  for (const std::uint64_t sequence : {1U, 2U, 3U})
    ASSERT_EQ(admit(sequence), admission::fresh);
  complete(3, "three");
  complete(1, "one");
  complete(9, "of nobody");
  const auto found = table.replies_from(client, 1);
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].result, "one");
  EXPECT_EQ(found[1].result, "three");
  EXPECT_EQ(table.replies_from(client, 2).size(), 1U);
}

TEST_F(session_table_test, a_reply_acknowledged_before_it_was_completed_here_is_dropped) {
  ASSERT_EQ(admit(1), admission::fresh);
  ASSERT_TRUE(seen(1));
  complete(1);
  EXPECT_EQ(admit(1), admission::forgotten);
  EXPECT_TRUE(table.replies_from(client, 1).empty());
}

TEST_F(session_table_test, acknowledging_more_than_there_was_does_no_harm) {
  ASSERT_EQ(admit(1), admission::fresh);
  ASSERT_TRUE(seen(50));
  EXPECT_EQ(admit(2), admission::fresh);
  EXPECT_EQ(admit(2), admission::pending);
}

TEST_F(session_table_test, the_oldest_replies_are_forgotten_beyond_the_bound) {
  for (std::uint64_t i = 1; i <= session_limits{}.replies_max + 1; ++i) {
    ASSERT_EQ(admit(i), admission::fresh);
    complete(i);
  }
  EXPECT_EQ(admit(1), admission::forgotten);
  EXPECT_EQ(admit(2), admission::duplicate);
}

TEST_F(session_table_test, events_wait_until_they_are_acknowledged) {
  EXPECT_TRUE(table.publish(client, index_t{100}, "a", "one"));
  EXPECT_TRUE(table.publish(client, index_t{101}, "b", "two"));
  EXPECT_TRUE(table.publish(client, index_t{102}, "a", "three"));
  EXPECT_EQ(table.last_event(client)->number, 3U);
  EXPECT_EQ(events_after(1), (texts{"two", "three"}));
  ASSERT_TRUE(seen(0, 2));
  EXPECT_EQ(events_after(0), texts{"three"});
  EXPECT_EQ(events_after(3), texts{});
  EXPECT_EQ(events_after(~std::uint64_t{0}), texts{});
  EXPECT_FALSE(table.publish(session_id{99}, index_t{103}, "a", "nobody"));
}

TEST_F(session_table_test, an_event_acknowledged_before_it_came_up_here_still_counts) {
  ASSERT_TRUE(seen(0, 1));
  EXPECT_FALSE(table.publish(client, index_t{100}, "a", "one"));
  EXPECT_EQ(table.last_event(client), nullptr);
  EXPECT_TRUE(table.publish(client, index_t{100}, "a", "two"));
  ASSERT_EQ(events_after(0), texts{"two"});
  EXPECT_EQ(table.events_after(client, 0).front().number, 2U);
}

TEST_F(session_table_test, an_event_comes_after_the_replies_of_entries_up_to_its_own) {
  ASSERT_EQ(admit(1, 100), admission::fresh);
  ASSERT_EQ(admit(2, 105), admission::fresh);
  ASSERT_EQ(admit(3, 110), admission::fresh);
  for (const std::uint64_t index : {99U, 104U, 105U, 200U})
    ASSERT_TRUE(table.publish(client, index_t{index}, "a", "e"));
  std::vector<std::uint64_t> after;
  for (const auto& event : table.events_after(client, 0))
    after.push_back(event.after_sequence);
  EXPECT_EQ(after, (std::vector<std::uint64_t>{0, 1, 2, 3}));
}

TEST_F(session_table_test, a_full_queue_is_told_but_loses_nothing) {
  for (std::size_t i = 0; i < session_limits{}.events_max; ++i)
    table.publish(client, index_t{100}, "a", "e");
  EXPECT_EQ(table.overflowed(), nobody{});
  table.publish(client, index_t{100}, "a", "one too many");
  EXPECT_EQ(table.overflowed(), std::vector{client});
  EXPECT_EQ(table.events_after(client, 0).size(), session_limits{}.events_max + 1);
  ASSERT_TRUE(seen(0, 1));
  EXPECT_EQ(table.overflowed(), nobody{});
  table.publish(client, index_t{100}, "a", "one too many");
  ASSERT_TRUE(table.let_expire(client));
  EXPECT_EQ(table.overflowed(), nobody{});
}

TEST_F(session_table_test, a_queue_is_full_by_bytes_too) {
  session_table small{{.events_bytes_max = 10}};
  ASSERT_EQ(small.open(index_t{10}, "token", timeout, now), client);
  EXPECT_TRUE(small.publish(client, index_t{100}, "a", "0123456789"));
  EXPECT_EQ(small.overflowed(), nobody{});
  EXPECT_TRUE(small.publish(client, index_t{101}, "a", "0"));
  EXPECT_EQ(small.overflowed(), std::vector{client});
  ASSERT_TRUE(small.keep_alive(client, 0, 1, now));
  EXPECT_EQ(small.overflowed(), nobody{});
  EXPECT_TRUE(small.publish(client, index_t{102}, "a", "012345678"));
  EXPECT_EQ(small.overflowed(), nobody{}) << "what is acknowledged takes no room";
}

// It used to end every server, as no frame can hold it.
TEST_F(session_table_test, who_is_sent_too_large_an_event_hears_nothing_from_there_on) {
  session_table small{{.event_bytes_max = 3}};
  ASSERT_EQ(small.open(index_t{10}, "token", timeout, now), client);
  EXPECT_TRUE(small.publish(client, index_t{100}, "a", "one"));
  EXPECT_FALSE(small.publish(client, index_t{101}, "a", "three"));
  EXPECT_FALSE(small.publish(client, index_t{102}, "a", "two"));
  EXPECT_EQ(small.events_after(client, 0).size(), 1U);
  EXPECT_EQ(small.last_event(client), nullptr);
  ASSERT_TRUE(small.keep_alive(client, 0, 1, now));
  EXPECT_EQ(small.overflowed(), std::vector{client}) << "to let it expire is all that helps";
  ASSERT_TRUE(small.let_expire(client));
  EXPECT_EQ(small.overflowed(), nobody{});
}

// Its client hears of that later than the log does, and holds what it holds until it hears.
TEST_F(session_table_test, one_that_is_let_go_keeps_what_it_holds_until_its_time_is_up) {
  table.publish(client, index_t{100}, "a", "e");
  EXPECT_TRUE(table.let_expire(client));
  EXPECT_FALSE(table.let_expire(client));
  EXPECT_EQ(at(timeout - 1), nobody{});
  EXPECT_FALSE(seen(0));
  EXPECT_EQ(admit(1), admission::unknown_session);
  EXPECT_FALSE(table.publish(client, index_t{101}, "a", "e"));
  EXPECT_EQ(events_after(0), texts{});
  EXPECT_TRUE(table.contains(client)) << "it did not count as contact";
  EXPECT_FALSE(table.is_in_use(client));
  EXPECT_EQ(table.open(index_t{30}, "token", timeout, now), session_id{30});
  EXPECT_EQ(at(timeout), std::vector{client});
  EXPECT_EQ(table.open(index_t{31}, "token", timeout, now), session_id{30});
}

// How much of it had been published by then depends on how a replica batches.
TEST_F(session_table_test, letting_one_go_forgets_its_events_on_every_replica_alike) {
  session_table other = table;
  table.publish(client, index_t{100}, "a", "e");
  ASSERT_TRUE(table.let_expire(client));
  ASSERT_TRUE(other.let_expire(client));
  other.publish(client, index_t{100}, "a", "e");
  EXPECT_EQ(table.state_hash(), other.state_hash());
}

TEST_F(session_table_test, closing_ends_it_at_once) {
  EXPECT_TRUE(table.close(client));
  EXPECT_FALSE(table.close(client));
  EXPECT_EQ(table.size(), 0U);
  EXPECT_EQ(table.next_deadline(), std::nullopt);
  EXPECT_EQ(at(5'000), nobody{});
}

TEST_F(session_table_test, the_hash_sees_every_part) {
  std::vector<std::uint64_t> hashes{table.state_hash()};
  const auto next = [&] {
    hashes.push_back(table.state_hash());
  };
  ASSERT_EQ(admit(1), admission::fresh), next();
  complete(1), next();
  table.publish(client, index_t{100}, "a", "one"), next();
  ASSERT_TRUE(seen(1, 0)), next();
  ASSERT_TRUE(seen(1, 1)), next();
  at(10), table.grant_grace(now), next();
  table.open(index_t{20}, "x", timeout, now), next();
  ASSERT_TRUE(table.close(client)), next();
  std::sort(hashes.begin(), hashes.end());
  EXPECT_EQ(std::unique(hashes.begin(), hashes.end()), hashes.end());
}

}  // namespace
}  // namespace atomix::resources
