// SPDX-License-Identifier: Apache-2.0
// Maps as users have them, over a replica in this process.
#include "resources/local_invoker.hpp"
#include "resources/map/map.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace atomix {
namespace {

using namespace std::chrono_literals;

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

class map_handle : public testing::Test {
 protected:
  local_replica replica;
  std::shared_ptr<local_invoker> mine = replica.connect();
  std::shared_ptr<local_invoker> yours = replica.connect();
  map<std::string, int> here{mine, "m"};
  map<std::string, int> there{yours, "m"};
};

TEST_F(map_handle, is_shared_by_all_sessions) {
  EXPECT_TRUE(ok(here.is_empty()));
  EXPECT_EQ(ok(here.put("a", 1)), std::nullopt);
  EXPECT_EQ(ok(there.put("a", 2)), 1);
  ok(there.set("b", 3));
  EXPECT_EQ(ok(here.get("a")), 2);
  EXPECT_EQ(ok(here.get("x")), std::nullopt);
  EXPECT_EQ(ok(here.get_or_default("a", 9)), 2);
  EXPECT_EQ(ok(here.get_or_default("x", 9)), 9);
  EXPECT_EQ(ok(here.size()), 2U);
  EXPECT_TRUE(ok(here.contains_key("b")));
  EXPECT_FALSE(ok(here.contains_key("x")));
  EXPECT_TRUE(ok(here.contains_value(3)));
  EXPECT_FALSE(ok(here.contains_value(1)));
}

TEST_F(map_handle, writes_on_conditions) {
  EXPECT_EQ(ok(here.replace("a", 1)), std::nullopt);
  EXPECT_EQ(ok(here.put_if_absent("a", 1)), std::nullopt);
  EXPECT_EQ(ok(here.put_if_absent("a", 2)), 1);
  EXPECT_EQ(ok(here.replace("a", 2)), 1);
  EXPECT_FALSE(ok(here.replace("a", 1, 3)));
  EXPECT_TRUE(ok(here.replace("a", 2, 3)));
  EXPECT_FALSE(ok(here.remove("a", 2)));
  EXPECT_TRUE(ok(here.remove("a", 3)));
  EXPECT_EQ(ok(here.remove("a")), std::nullopt);
  ok(here.set("a", 4));
  EXPECT_EQ(ok(here.remove("a")), 4);
}

TEST_F(map_handle, copies_itself_in_the_order_of_the_keys) {
  using entries = std::vector<std::pair<std::string, int>>;
  ok(here.set("b", 2));
  ok(here.set("a", 1));
  ok(here.set("c", 3));
  EXPECT_EQ(ok(here.keys()), (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_EQ(ok(here.values()), (std::vector<int>{1, 2, 3}));
  EXPECT_EQ(ok(here.entries()), (entries{{"a", 1}, {"b", 2}, {"c", 3}}));
  EXPECT_EQ(ok(here.entries_after({}, 2)), (entries{{"a", 1}, {"b", 2}}));
  EXPECT_EQ(ok(here.entries_after("b", 2)), (entries{{"c", 3}}));
  EXPECT_EQ(ok(here.entries_after("c", 2)), entries{});
  ok(here.clear());
  EXPECT_EQ(ok(here.entries()), entries{});
}

TEST_F(map_handle, entries_live_as_long_as_they_were_told) {
  ok(here.put("a", 1, 500ms));
  ok(here.set("b", 2, 500ms));
  ok(here.set("b", 2));
  replica.advance(499);
  EXPECT_EQ(ok(here.get("a")), 1);
  replica.advance(1);
  EXPECT_EQ(ok(here.get("a")), std::nullopt);
  EXPECT_EQ(ok(here.get("b")), 2);
}

TEST_F(map_handle, every_write_passes_its_time_to_live_on) {
  struct row {
    const char* call;
    std::optional<int> before;
    std::function<void()> write;
  };
  const row rows[] = {
      {"set",
       1,
       [&] {
         ok(here.set("k", 2, 500ms));
       }},
      {"put",
       1,
       [&] {
         ok(here.put("k", 2, 500ms));
       }},
      {"put_if_absent",
       {},
       [&] {
         ok(here.put_if_absent("k", 2, 500ms));
       }},
      {"replace",
       1,
       [&] {
         ok(here.replace("k", 2, 500ms));
       }},
      {"replace if", 1, [&] {
         EXPECT_TRUE(ok(here.replace("k", 1, 2, 500ms)));
       }}};
  for (const row& r : rows) {
    ok(here.clear());
    if (r.before) ok(here.set("k", *r.before));
    r.write();
    replica.advance(499);
    EXPECT_EQ(ok(here.get("k")), 2) << r.call;
    replica.advance(1);
    EXPECT_EQ(ok(here.get("k")), std::nullopt) << r.call;
  }
}

TEST_F(map_handle, refuses_a_negative_time_to_live) {
  constexpr auto invalid = absl::StatusCode::kInvalidArgument;
  EXPECT_EQ(here.put("a", 1, -1ms).get().status().code(), invalid);
  EXPECT_EQ(here.set("a", 1, -1ms).get().code(), invalid);
  EXPECT_EQ(here.put_if_absent("a", 1, -1ms).get().status().code(), invalid);
  EXPECT_EQ(here.replace("a", 1, -1ms).get().status().code(), invalid);
  EXPECT_EQ(here.replace("a", 1, 2, -1ms).get().status().code(), invalid);
  EXPECT_TRUE(ok(here.is_empty()));
}

TEST_F(map_handle, says_if_the_stored_bytes_are_of_another_type) {
  const map<> texts{mine, "m"};
  ok(texts.set("a", "no number"));
  EXPECT_EQ(here.get("a").get().status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(here.values().get().status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(here.entries().get().status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(ok(here.keys()), (std::vector<std::string>{"a"}));
}

class map_events : public map_handle {
 protected:
  map<std::string, int>::listener noting(std::string who) {
    return [this, who = std::move(who)](const map_event<std::string, int>& e) {
      constexpr const char* kinds[] = {"added", "updated", "removed", "cleared"};
      const auto show = [](const std::optional<int>& v) {
        return v ? std::to_string(*v) : "-";
      };
      heard.push_back(
          who + " " + kinds[static_cast<int>(e.kind)] + " " + e.key.value_or("*") + " "
          + show(e.old_value) + ">" + show(e.new_value) + (e.expired ? " expired" : "")
          + (e.status.ok() ? "" : " unreadable"));
    };
  }
  std::vector<std::string> take() { return std::exchange(heard, {}); }

  std::vector<std::string> heard;
  using notes = std::vector<std::string>;
};

TEST_F(map_events, each_listener_hears_what_it_asked_for) {
  const subscription adds = here.on_add(noting("add"));
  const subscription updates = here.on_update(noting("update"));
  const subscription removes = here.on_remove(noting("remove"));
  ok(there.set("a", 1));
  EXPECT_EQ(take(), (notes{"add added a ->1"}));
  ok(there.set("a", 2));
  EXPECT_EQ(take(), (notes{"update updated a 1>2"}));
  ok(there.remove("a"));
  EXPECT_EQ(take(), (notes{"remove removed a 2>-"}));
  ok(there.set("b", 3, 100ms));
  take();
  replica.advance(100);
  EXPECT_EQ(take(), (notes{"remove removed b 3>- expired"}));
  ok(there.set("c", 4));
  take();
  ok(there.clear());
  EXPECT_EQ(take(), (notes{"remove cleared * ->-"}));
}

TEST_F(map_events, a_listener_of_one_key_hears_of_no_other) {
  const subscription one = here.on_change("a", noting("a"));
  const subscription other = here.on_add("b", noting("b"));
  const subscription all = here.on_change(noting("all"));
  ok(there.set("a", 1));
  EXPECT_EQ(take(), (notes{"a added a ->1", "all added a ->1"}));
  ok(there.set("b", 2));
  EXPECT_EQ(take(), (notes{"b added b ->2", "all added b ->2"}));
  ok(there.set("b", 3));
  EXPECT_EQ(take(), (notes{"all updated b 2>3"}));
}

TEST_F(map_events, a_cancelled_listener_hears_nothing) {
  subscription first = here.on_change(noting("first"));
  const subscription second = here.on_change("a", noting("second"));
  first.cancel();
  ok(there.set("a", 1));
  ok(there.set("b", 1));
  EXPECT_EQ(take(), (notes{"second added a ->1"}));
}

// In the original, listeners fell silent once the session had been recovered.
TEST_F(map_events, a_listener_follows_its_client_into_a_new_session) {
  const subscription one = here.on_change("a", noting("a"));
  replica.expire(mine);
  replica.reopen(mine);
  ok(there.set("a", 1));
  EXPECT_EQ(take(), (notes{"a added a ->1"}));
}

TEST_F(map_events, says_if_the_stored_bytes_are_of_another_type) {
  const subscription one = here.on_change(noting("all"));
  ok(map<>{yours, "m"}.set("a", "no number"));
  EXPECT_EQ(take(), (notes{"all added * ->- unreadable"}));
}

TEST_F(map_handle, forgets_everything_when_deleted) {
  ok(here.set("a", 1));
  ok(here.remove());
  EXPECT_TRUE(ok(there.is_empty()));
}

}  // namespace
}  // namespace atomix
