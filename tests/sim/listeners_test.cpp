// SPDX-License-Identifier: Apache-2.0
// What a subscription may be told: a table of changes of a map, one of order.
#include "sim/listeners.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <string>

namespace atomix::sim {
namespace {

using event = map_event<std::string, std::string>;
constexpr auto none = std::nullopt;
constexpr const char* nonsense = "told of a change that makes no sense";

struct told_changes_test : testing::Test {
  world at{1};
  findings found{at};
  told_changes told{found, "ada"};

  /// What is said of this change, "" if nothing is.
  std::string hear(const auto& change) {
    const std::size_t before = found.all().size();
    told.hear(change);
    return found.all().size() == before ? "" : found.all().back().sentence;
  }
};

event change(
    map_change kind,
    std::optional<std::string> key,
    std::optional<std::string> before,
    std::optional<std::string> after,
    bool expired = false) {
  return {kind, index_t{7}, std::move(key), std::move(before), std::move(after), expired, {}};
}

TEST_F(told_changes_test, a_change_of_a_map_is_what_it_is_called) {
  const struct {
    const char* what;
    event told;
    const char* said;
  } rows[] = {
      {"a new key", change(map_change::added, "k", none, "v"), ""},
      {"a new key, as an update", change(map_change::updated, "k", none, "v"), nonsense},
      {"an update", change(map_change::updated, "k", "v", "w"), ""},
      {"an update, as a new key", change(map_change::added, "k", "v", "w"), nonsense},
      {"a removal", change(map_change::removed, "k", "v", none), ""},
      {"an end by time", change(map_change::removed, "k", "v", none, true), ""},
      {"an update by time", change(map_change::updated, "k", "v", "w", true), nonsense},
      {"a removal, the wrong way", change(map_change::removed, "k", none, "v"), nonsense},
      {"a removal of no key", change(map_change::removed, none, "v", none), nonsense},
      {"all removed", change(map_change::cleared, none, none, none), ""},
      {"all removed, with a key", change(map_change::cleared, "k", none, none), nonsense},
  };
  for (const auto& row : rows)
    EXPECT_EQ(hear(row.told), row.said) << row.what;
}

TEST_F(told_changes_test, only_what_was_asked_for) {
  told.expect("k", map_change::removed);
  EXPECT_EQ(hear(change(map_change::removed, "k", "v", none)), "");
  EXPECT_EQ(hear(change(map_change::cleared, none, none, none)), "");
  EXPECT_EQ(hear(change(map_change::removed, "l", "v", none)), nonsense);
  EXPECT_EQ(hear(change(map_change::added, "k", none, "v")), nonsense);
}

TEST_F(told_changes_test, in_order_and_nothing_once_dropped) {
  EXPECT_EQ(hear(counter_change{index_t{5}, 0, 1}), "");
  EXPECT_EQ(hear(counter_change{index_t{5}, 1, 2}), "");
  EXPECT_EQ(hear(counter_change{index_t{4}, 2, 3}), "told of changes in disorder");
  told.drop();
  EXPECT_EQ(hear(counter_change{index_t{6}, 2, 3}), "told to who has dropped it");
}

TEST_F(told_changes_test, nobody_leads_by_an_epoch_of_before) {
  EXPECT_EQ(hear(election_change{index_t{5}, none}), "");
  EXPECT_EQ(hear(election_change{index_t{5}, election_leader{session_id{1}, index_t{5}, "a"}}), "");
  // The second of two elections at one entry of the log.
  EXPECT_EQ(hear(election_change{index_t{5}, election_leader{session_id{1}, index_t{6}, "a"}}), "");
  EXPECT_EQ(
      hear(election_change{index_t{7}, election_leader{session_id{1}, index_t{6}, "a"}}), nonsense);
}

}  // namespace
}  // namespace atomix::sim
