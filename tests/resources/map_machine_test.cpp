// SPDX-License-Identifier: Apache-2.0
// The machine of maps, entry by entry. Sessions are 1, 2 and 3; writes come from 1.
#include "resources/map/machine.hpp"

#include <absl/strings/str_cat.h>

#include "tests/resources/machine_fixture.hpp"

namespace atomix::resources::map {
namespace {

using content = std::optional<std::string>;
using texts = std::vector<std::string>;
constexpr std::nullopt_t absent = std::nullopt;

class map_machine : public testing::Test {
 protected:
  template <class Write>
  static Write write(const std::string& key, const std::string& value, std::uint64_t ttl_ms) {
    Write op;
    op.set_key(key);
    op.set_value(value);
    op.set_ttl_ms(ttl_ms);
    return op;
  }
  static content content_of(const proto::Found& reply) {
    return reply.has_value() ? content{reply.value()} : absent;
  }
  content put(const std::string& key, const std::string& value, std::uint64_t ttl_ms = 0) {
    auto op = write<proto::Put>(key, value, ttl_ms);
    op.set_return_previous(true);
    return content_of(run.ask<proto::Found>(1, op));
  }
  content put_if_absent(
      const std::string& key, const std::string& value, std::uint64_t ttl_ms = 0) {
    return content_of(run.ask<proto::Found>(1, write<proto::PutIfAbsent>(key, value, ttl_ms)));
  }
  content replace(const std::string& key, const std::string& value, std::uint64_t ttl_ms = 0) {
    return content_of(run.ask<proto::Found>(1, write<proto::Replace>(key, value, ttl_ms)));
  }
  bool replace_if(
      const std::string& key,
      const std::string& expect,
      const std::string& update,
      std::uint64_t ttl_ms = 0) {
    proto::ReplaceIf op;
    op.set_key(key);
    op.set_expect(expect);
    op.set_update(update);
    op.set_ttl_ms(ttl_ms);
    return run.ask<proto::Answer>(1, op).yes();
  }
  content remove(const std::string& key) {
    proto::Remove op;
    op.set_key(key);
    return content_of(run.ask<proto::Found>(1, op));
  }
  bool remove_if(const std::string& key, const std::string& value) {
    proto::RemoveIf op;
    op.set_key(key);
    op.set_value(value);
    return run.ask<proto::Answer>(1, op).yes();
  }
  void clear() { EXPECT_TRUE(run.command(1, proto::Clear{}).ok()); }
  template <class Op>
  void listening(std::uint64_t session, const content& key, std::uint64_t listener) {
    Op op;
    if (key) op.set_key(*key);
    op.set_listener(listener);
    EXPECT_TRUE(run.command(session, op).ok());
  }
  void listen(std::uint64_t session, const content& key = absent, std::uint64_t listener = 1) {
    listening<proto::Listen>(session, key, listener);
  }
  void unlisten(std::uint64_t session, const content& key = absent, std::uint64_t listener = 1) {
    listening<proto::Unlisten>(session, key, listener);
  }

  content get(const std::string& key) {
    proto::Get op;
    op.set_key(key);
    return content_of(run.look<proto::Found>(1, op));
  }
  bool contains_key(const std::string& key) {
    proto::ContainsKey op;
    op.set_key(key);
    return run.look<proto::Answer>(1, op).yes();
  }
  bool contains_value(const std::string& value) {
    proto::ContainsValue op;
    op.set_value(value);
    return run.look<proto::Answer>(1, op).yes();
  }
  std::uint64_t size() { return run.look<proto::Size>(1, proto::GetSize{}).entries(); }
  /// "a=1 b=2", with "..." if there is more.
  std::string scan(const content& after = absent, std::uint64_t limit = 0) {
    proto::Scan op;
    op.set_keys(true);
    op.set_values(true);
    if (after) op.set_after(*after);
    op.set_limit(limit);
    const auto reply = run.look<proto::Scanned>(1, op);
    std::string text;
    for (int i = 0; i < reply.keys_size(); ++i)
      absl::StrAppend(&text, i == 0 ? "" : " ", reply.keys(i), "=", reply.values(i));
    return text + (reply.more() ? " ..." : "");
  }
  /// Takes events as texts: "+a=1", "a=1>2", "-a=2", "-a=2 expired", "cleared 3".
  texts heard(std::uint64_t session) {
    texts result;
    for (const std::string& bytes : run.take_events(session)) {
      if (const auto cleared = decode_as<machine::events, proto::Cleared>(bytes))
        result.push_back(absl::StrCat("cleared ", cleared->entries()));
      else if (const auto e = decode_as<machine::events, proto::Changed>(bytes))
        result.push_back(absl::StrCat(
            !e->has_old_value() ? "+" : (e->has_new_value() ? "" : "-"),
            e->key(),
            "=",
            e->old_value(),
            e->has_old_value() && e->has_new_value() ? ">" : "",
            e->new_value(),
            e->expired() ? " expired" : ""));
    }
    return result;
  }

  machine_fixture<machine> run;
};

TEST_F(map_machine, starts_empty) {
  EXPECT_EQ(size(), 0U);
  EXPECT_EQ(get("a"), absent);
  EXPECT_EQ(scan(), "");
}

TEST_F(map_machine, put_answers_with_what_was_there) {
  EXPECT_EQ(put("a", "1"), absent);
  EXPECT_EQ(put("a", "2"), "1");
  EXPECT_EQ(get("a"), "2");
  EXPECT_EQ(size(), 1U);
}

TEST_F(map_machine, put_sends_what_was_there_only_if_asked) {
  put("a", "1");
  const auto answer = run.command(1, write<proto::Put>("a", "2", 0));
  EXPECT_TRUE(answer.ok());
  EXPECT_EQ(answer.result, "");
  EXPECT_EQ(get("a"), "2");
}

TEST_F(map_machine, put_if_absent_never_overwrites) {
  EXPECT_EQ(put_if_absent("a", "1"), absent);
  EXPECT_EQ(put_if_absent("a", "2"), "1");
  EXPECT_EQ(get("a"), "1");
}

TEST_F(map_machine, removes) {
  put("a", "1");
  EXPECT_EQ(remove("b"), absent);
  EXPECT_EQ(remove("a"), "1");
  EXPECT_EQ(remove("a"), absent);
  EXPECT_FALSE(contains_key("a"));
}

TEST_F(map_machine, removes_only_the_value_expected) {
  put("a", "1");
  EXPECT_FALSE(remove_if("a", "2"));
  EXPECT_FALSE(remove_if("b", "1"));
  EXPECT_TRUE(remove_if("a", "1"));
  EXPECT_FALSE(remove_if("a", "1"));
  EXPECT_EQ(size(), 0U);
}

TEST_F(map_machine, replace_needs_something_to_replace) {
  EXPECT_EQ(replace("a", "1"), absent);
  EXPECT_FALSE(contains_key("a"));
  put("a", "1");
  EXPECT_EQ(replace("a", "2"), "1");
  EXPECT_EQ(get("a"), "2");
}

TEST_F(map_machine, replaces_only_the_value_expected) {
  EXPECT_FALSE(replace_if("a", "", "1"));
  put("a", "1");
  EXPECT_FALSE(replace_if("a", "2", "3"));
  EXPECT_TRUE(replace_if("a", "1", "3"));
  EXPECT_EQ(get("a"), "3");
}

TEST_F(map_machine, an_empty_value_is_a_value) {
  EXPECT_EQ(put("a", ""), absent);
  EXPECT_EQ(get("a"), "");
  EXPECT_TRUE(contains_value(""));
  EXPECT_TRUE(replace_if("a", "", "1"));
}

TEST_F(map_machine, finds_keys_and_values) {
  put("a", "1");
  put("", "2");
  EXPECT_TRUE(contains_key("a"));
  EXPECT_TRUE(contains_key(""));
  EXPECT_FALSE(contains_key("1"));
  EXPECT_TRUE(contains_value("2"));
  EXPECT_FALSE(contains_value("a"));
}

TEST_F(map_machine, shows_its_entries_in_the_order_of_the_keys) {
  put("b", "2");
  put("c", "3");
  put("a", "1");
  EXPECT_EQ(scan(), "a=1 b=2 c=3");
  EXPECT_EQ(scan(absent, 2), "a=1 b=2 ...");
  EXPECT_EQ(scan("b", 2), "c=3");
  EXPECT_EQ(scan("aa", 1), "b=2 ...");
  EXPECT_EQ(scan("c", 1), "");
}

TEST_F(map_machine, an_entry_never_expires_early) {
  put("a", "1", 100);
  run.advance(99);
  EXPECT_EQ(get("a"), "1");
  run.advance(1);
  EXPECT_EQ(get("a"), absent);
  EXPECT_EQ(size(), 0U);
  EXPECT_EQ(run.next_deadline(), std::nullopt);
}

// The original kept no time to live of most writes; here each write replaces that before.
TEST_F(map_machine, every_write_of_a_key_replaces_its_time_to_live) {
  const auto lives_on = [&](const char* how) {
    run.advance(1'000);
    EXPECT_TRUE(contains_key("a")) << how;
    EXPECT_EQ(run.next_deadline(), std::nullopt) << how;
    put("a", "1", 100);
  };
  const auto ends_at_200 = [&](const char* how) {
    run.advance(199);
    EXPECT_TRUE(contains_key("a")) << how;
    run.advance(1);
    EXPECT_FALSE(contains_key("a")) << how;
    put("a", "1", 100);
  };
  put("a", "1", 100);
  put("a", "2");
  lives_on("put");
  replace("a", "2");
  lives_on("replace");
  replace_if("a", "1", "2");
  lives_on("replace expected");
  remove("a");
  put("a", "2");
  lives_on("remove and put");
  clear();
  put("a", "2");
  lives_on("clear and put");
  remove_if("a", "1");
  put("a", "2");
  lives_on("remove expected and put");

  put("a", "2", 200);
  ends_at_200("put");
  replace("a", "2", 200);
  ends_at_200("replace");
  replace_if("a", "1", "2", 200);
  ends_at_200("replace expected");
  remove("a");
  put_if_absent("a", "2", 200);
  ends_at_200("put if absent");
}

TEST_F(map_machine, what_writes_nothing_leaves_the_time_to_live) {
  put("a", "1", 100);
  put_if_absent("a", "2");
  replace_if("a", "2", "3");
  remove_if("a", "2");
  replace("b", "1", 50);
  run.advance(99);
  EXPECT_TRUE(contains_key("a"));
  run.advance(1);
  EXPECT_FALSE(contains_key("a"));
}

TEST_F(map_machine, a_very_long_time_to_live_does_not_wrap_around) {
  put("a", "1", ~std::uint64_t{0});
  run.advance(1'000'000);
  EXPECT_TRUE(contains_key("a"));
}

TEST_F(map_machine, tells_what_changed) {
  listen(2);
  put("a", "1");
  put("a", "2");
  replace("a", "2");
  put_if_absent("a", "9");
  remove_if("a", "9");
  remove("a");
  remove("a");
  EXPECT_EQ(heard(2), (texts{"+a=1", "a=1>2", "a=2>2", "-a=2"}));
  EXPECT_EQ(heard(1), texts{});
}

// Atomix 1.0.0 told nobody when a time to live ended (its issues 226, 227).
TEST_F(map_machine, tells_that_an_entry_expired) {
  listen(2);
  listen(3, "a");
  put("a", "1", 100);
  put("b", "1", 100);
  heard(2);
  heard(3);
  run.advance(100);
  EXPECT_EQ(heard(2), (texts{"-a=1 expired", "-b=1 expired"}));
  EXPECT_EQ(heard(3), (texts{"-a=1 expired"}));
}

// The original's clear told nobody, so that copies of the map kept what was gone.
TEST_F(map_machine, tells_once_that_all_was_cleared) {
  listen(2);
  listen(2, "a");
  listen(3, "x");
  put("a", "1");
  put("b", "2", 100);
  heard(2);
  clear();
  clear();
  EXPECT_EQ(heard(2), (texts{"cleared 2"}));
  EXPECT_EQ(heard(3), (texts{"cleared 2"}));
  run.advance(100);
  EXPECT_EQ(heard(2), texts{});
}

TEST_F(map_machine, tells_of_single_keys) {
  listen(2, "a");
  listen(3, "b");
  put("a", "1");
  put("b", "2");
  put("c", "3");
  EXPECT_EQ(heard(2), (texts{"+a=1"}));
  EXPECT_EQ(heard(3), (texts{"+b=2"}));
}

TEST_F(map_machine, tells_a_session_once_however_often_it_listens) {
  listen(2, absent, 1);
  listen(2, absent, 2);
  listen(2, "a", 3);
  put("a", "1");
  EXPECT_EQ(heard(2), (texts{"+a=1"}));
  unlisten(2, absent, 1);
  unlisten(2, absent, 3);
  put("a", "2");
  EXPECT_EQ(heard(2), (texts{"a=1>2"}));
  unlisten(2, absent, 2);
  put("a", "3");
  put("b", "1");
  EXPECT_EQ(heard(2), (texts{"a=2>3"})) << "the one key is left";
  unlisten(2, "a", 3);
  put("a", "4");
  EXPECT_EQ(heard(2), texts{});
}

// In the original a listener whose session had expired made every write fail (its issue 271).
TEST_F(map_machine, forgets_the_listeners_of_a_dead_session) {
  const std::uint64_t before = run.state_hash();
  listen(2);
  listen(2, "a");
  EXPECT_NE(run.state_hash(), before);
  run.close(2);
  EXPECT_EQ(run.state_hash(), before);
  EXPECT_EQ(put("a", "1"), absent);
  EXPECT_EQ(heard(2), texts{});
}

TEST_F(map_machine, entries_outlive_the_session_that_wrote_them) {
  put("a", "1");
  run.close(1);
  EXPECT_EQ(get("a"), "1");
}

TEST_F(map_machine, entries_and_their_deadlines_are_part_of_the_state) {
  machine_fixture<machine> other;
  EXPECT_EQ(run.state_hash(), other.state_hash());
  put("a", "1", 100);
  EXPECT_NE(run.state_hash(), other.state_hash());
  other.command(1, write<proto::Put>("a", "1", 0));
  EXPECT_NE(run.state_hash(), other.state_hash()) << "one of them will expire";
}

TEST_F(map_machine, refuses_what_it_cannot_read) {
  EXPECT_EQ(run.command_bytes(1, "").code, absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(run.command_bytes(1, "\x7f").code, absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace atomix::resources::map
