// SPDX-License-Identifier: Apache-2.0
// The machine of values, entry by entry. Sessions are 1, 2 and 3.
#include "resources/value/machine.hpp"

#include "tests/resources/machine_fixture.hpp"

namespace atomix::resources::value {
namespace {

using content = std::optional<std::string>;
constexpr std::nullopt_t unset = std::nullopt;

class value_machine : public testing::Test {
 protected:
  template <class Write>
  static Write write(const content& value, std::uint64_t ttl_ms) {
    Write op;
    if (value) op.set_value(*value);
    op.set_ttl_ms(ttl_ms);
    return op;
  }
  void set(const content& value, std::uint64_t ttl_ms = 0) {
    EXPECT_TRUE(run.command(1, write<proto::Set>(value, ttl_ms)).ok());
  }
  content get_and_set(const content& value, std::uint64_t ttl_ms = 0) {
    return content_of(run.ask<proto::Current>(1, write<proto::GetAndSet>(value, ttl_ms)));
  }
  bool swap(const content& expect, const content& update, std::uint64_t ttl_ms = 0) {
    proto::CompareAndSet op;
    if (expect) op.set_expect(*expect);
    if (update) op.set_update(*update);
    op.set_ttl_ms(ttl_ms);
    return run.ask<proto::Swapped>(1, op).swapped();
  }
  content get() { return content_of(current()); }
  proto::Current current() { return run.look<proto::Current>(1, proto::Get{}); }
  template <class Op>
  void about_listening(std::uint64_t session, std::uint64_t listener) {
    Op op;
    op.set_listener(listener);
    EXPECT_TRUE(run.command(session, op).ok());
  }
  void listen(std::uint64_t session, std::uint64_t listener = 1) {
    about_listening<proto::Listen>(session, listener);
  }
  void unlisten(std::uint64_t session, std::uint64_t listener = 1) {
    about_listening<proto::Unlisten>(session, listener);
  }
  /// Events as "old>new", "-" for unset.
  std::vector<std::string> heard(std::uint64_t session) {
    std::vector<std::string> texts;
    for (const proto::Changed& e : run.take<proto::Changed>(session))
      texts.push_back(
          (e.has_old_value() ? e.old_value() : "-") + ">"
          + (e.has_new_value() ? e.new_value() : "-"));
    return texts;
  }
  static content content_of(const proto::Current& reply) {
    return reply.has_value() ? content{reply.value()} : unset;
  }

  machine_fixture<machine> run;
};

using texts = std::vector<std::string>;

TEST_F(value_machine, is_unset_at_first) {
  EXPECT_EQ(get(), unset);
  EXPECT_EQ(current().version(), 0U);
}

TEST_F(value_machine, set_replaces_and_empty_is_not_unset) {
  set("a");
  EXPECT_EQ(get(), "a");
  set("");
  EXPECT_EQ(get(), "");
  set(unset);
  EXPECT_EQ(get(), unset);
}

TEST_F(value_machine, the_version_is_the_index_of_the_last_write) {
  set("a");
  const std::uint64_t written = run.index().value();
  EXPECT_EQ(current().version(), written);
  EXPECT_FALSE(swap("b", "c"));
  EXPECT_EQ(current().version(), written);
}

TEST_F(value_machine, get_and_set_tells_the_value_before) {
  EXPECT_EQ(get_and_set("a"), unset);
  EXPECT_EQ(get_and_set("b"), "a");
  EXPECT_EQ(get_and_set(unset), "b");
  EXPECT_EQ(get(), unset);
}

TEST_F(value_machine, compare_and_set) {
  EXPECT_FALSE(swap("a", "b"));
  EXPECT_FALSE(swap("", "b"));  // unset is not empty
  EXPECT_TRUE(swap(unset, "a"));
  EXPECT_FALSE(swap(unset, "b"));
  EXPECT_FALSE(swap("x", "b"));
  EXPECT_TRUE(swap("a", "b"));
  EXPECT_TRUE(swap("b", unset));
  EXPECT_EQ(get(), unset);
}

// The original lost the time to live of all three writes on the way into its log.
TEST_F(value_machine, every_write_can_have_a_time_to_live) {
  set("a", 100);
  run.advance(99);
  EXPECT_EQ(get(), "a");
  run.advance(1);
  EXPECT_EQ(get(), unset);

  get_and_set("b", 100);
  run.advance(100);
  EXPECT_EQ(get(), unset);

  EXPECT_TRUE(swap(unset, "c", 100));
  run.advance(100);
  EXPECT_EQ(get(), unset);
}

// And it would have told nobody.
TEST_F(value_machine, the_end_of_the_time_to_live_is_a_change) {
  listen(2);
  set("a", 100);
  run.advance(1'000);
  EXPECT_EQ(heard(2), (texts{"->a", "a>-"}));
  EXPECT_EQ(current().version(), run.index().value());
}

TEST_F(value_machine, a_later_write_cancels_the_time_to_live_before) {
  set("a", 100);
  set("b");
  run.advance(1'000);
  EXPECT_EQ(get(), "b");

  set("c", 100);
  run.advance(60);
  EXPECT_TRUE(swap("c", "d", 100));
  run.advance(60);
  EXPECT_EQ(get(), "d");
  run.advance(40);
  EXPECT_EQ(get(), unset);
}

TEST_F(value_machine, a_refused_write_leaves_the_time_to_live_alone) {
  set("a", 100);
  EXPECT_FALSE(swap("x", "b"));
  run.advance(100);
  EXPECT_EQ(get(), unset);
}

TEST_F(value_machine, unsetting_leaves_no_timer_behind) {
  set("a", 100);
  set(unset, 500);
  EXPECT_EQ(run.next_deadline(), std::nullopt);
}

TEST_F(value_machine, a_time_to_live_beyond_the_end_of_time_does_not_wrap) {
  set("a", ~std::uint64_t{0});
  run.advance(1'000'000);
  EXPECT_EQ(get(), "a");
}

TEST_F(value_machine, listeners_hear_every_write_with_old_and_new_value) {
  listen(2);
  set("a");
  set("a");
  get_and_set("b");
  EXPECT_FALSE(swap("x", "y"));
  EXPECT_TRUE(swap("b", "c"));
  set(unset);
  set(unset);  // was unset already
  EXPECT_EQ(heard(2), (texts{"->a", "a>a", "a>b", "b>c", "c>-"}));
  EXPECT_EQ(heard(1), texts{});
}

TEST_F(value_machine, a_session_listens_until_each_of_its_handles_has_stopped) {
  listen(2, 7);
  listen(2, 8);
  listen(2, 8);
  unlisten(2, 7);
  unlisten(2, 7);
  unlisten(2, 9);
  set("a");
  EXPECT_EQ(heard(2), texts{"->a"});
  unlisten(2, 8);
  set("b");
  EXPECT_EQ(heard(2), texts{});
}

// In the original a listener on an ended session made every write fail after it had taken effect.
TEST_F(value_machine, a_listener_that_ended_never_breaks_a_write) {
  listen(2);
  listen(3);
  run.close(2);
  set("a");
  EXPECT_EQ(get(), "a");
  EXPECT_EQ(heard(2), texts{});
  EXPECT_EQ(heard(3), texts{"->a"});
}

TEST_F(value_machine, malformed_operations_are_refused_and_change_nothing) {
  set("a");
  const std::uint64_t before = run.state_hash();
  for (const std::string bytes : {"\x7f", "\x01\xff\xff", "\xff"}) {
    const auto answer = run.command_bytes(1, bytes);
    EXPECT_EQ(answer.code, absl::StatusCode::kInvalidArgument);
    EXPECT_NE(answer.error, "");
  }
  EXPECT_EQ(run.state_hash(), before);
}

TEST_F(value_machine, the_hash_sees_value_timer_and_listeners) {
  std::vector<std::uint64_t> hashes{run.state_hash()};
  const auto next = [&] {
    hashes.push_back(run.state_hash());
  };
  set(""), next();
  set("a"), next();
  set("a", 100), next();
  listen(2), next();
  std::sort(hashes.begin(), hashes.end());
  EXPECT_EQ(std::unique(hashes.begin(), hashes.end()), hashes.end());
}

}  // namespace
}  // namespace atomix::resources::value
