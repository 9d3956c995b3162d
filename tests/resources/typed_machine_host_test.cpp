// SPDX-License-Identifier: Apache-2.0
// When timers fire, and what a machine sees: over a machine that writes down its calls.
#include "resources/typed_machine_host.hpp"

#include "resources/machine_registry.hpp"
#include "resources/session.pb.h"

#include <absl/strings/str_cat.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace atomix::resources {
namespace {

/// Publishes a line to session 1 for each call. Commands are Protobuf messages at hand:
/// KeepAlive(key, delay) schedules, CloseSession(key) cancels, OpenSession does both kinds of harm
/// on a timer (see `on_timer`).
class recorder {
 public:
  static constexpr std::string_view type_name = "recorder";
  using commands = op_list<log::KeepAlive, log::CloseSession, log::OpenSession>;
  using queries = op_list<log::Query>;
  using events = op_list<>;

  void apply(commit_context& c, const log::KeepAlive& op) {
    note(c, absl::StrCat("set ", op.replies_seen()));
    c.schedule(op.replies_seen(), later(c.now(), op.events_seen()));
  }
  void apply(commit_context& c, const log::CloseSession& op) {
    note(c, "cancel");
    c.cancel(op.session());
  }
  void apply(commit_context& c, const log::OpenSession& op) {
    op.token().empty() ? c.fail(absl::AbortedError("no")) : c.reply(op);
  }
  void query(query_context& c, const log::Query& q) const { c.reply(q); }
  void on_session_closed(commit_context& c, session_id session) {
    note(c, absl::StrCat("closed ", session.value()));
  }
  void settle(commit_context& c) { note(c, "settled"); }
  void on_deleted(commit_context& c) { note(c, "deleted"); }
  void on_timer(commit_context& c, timer_key key) {
    note(c, absl::StrCat("timer ", key));
    if (key == 66) c.cancel(67);             // which is due as well
    if (key == 77) c.schedule(77, c.now());  // for ever
  }
  void walk(state_walk& walk) const { walk.number(7); }

 private:
  static void note(commit_context& c, const std::string& what) {
    c.publish(session_id{1}, absl::StrCat(c.index().value(), "@", c.now().value(), " ", what));
  }
};

class host_test : public testing::Test {
 protected:
  /// An entry of this resource, at log time `at`.
  template <class Op>
  void entry(std::uint64_t at, const Op& op) {
    tick(at);
    task work{task_kind::command, clock.back().index, session_id{5}, 9, {}};
    work.operation = shared_bytes{encode_op<recorder::commands>(op)};
    tasks.push_back(work);
  }
  void set(std::uint64_t at, timer_key key, std::uint64_t delay) {
    log::KeepAlive op;
    op.set_replies_seen(key);
    op.set_events_seen(delay);
    entry(at, op);
  }
  void closing(std::uint64_t at, std::uint64_t session) {
    tick(at);
    also_closing(session);
  }
  /// At the same entry.
  void also_closing(std::uint64_t session) {
    tasks.push_back({task_kind::session_closed, clock.back().index, session_id{session}, 0, {}});
  }
  /// An entry of somebody else.
  void tick(std::uint64_t at) { clock.push_back({next, log_time{at}}), next = next.next(); }
  /// Runs what was entered; the lines written.
  std::vector<std::string> run() {
    last = host.run({std::make_shared<const std::vector<clock_mark>>(clock), tasks});
    clock.clear();
    tasks.clear();
    std::vector<std::string> lines;
    for (const task_event& e : last.events)
      lines.push_back(e.event);
    return lines;
  }

  typed_machine_host<recorder> host;
  std::vector<clock_mark> clock;
  std::vector<task> tasks;
  index_t next{1};
  batch_results last;
};

using lines = std::vector<std::string>;

TEST_F(host_test, an_answer_may_be_as_large_as_the_limit_and_no_larger) {
  const auto asked = [this](std::size_t bytes) {
    log::Query q;
    q.set_operation(std::string(bytes, 'x'));
    return host.query(session_id{5}, log_time{10}, encode_op<recorder::queries>(q));
  };
  const std::size_t framing = asked(answer_bytes_max / 2).result.size() - answer_bytes_max / 2;
  EXPECT_EQ(asked(answer_bytes_max - framing).result.size(), answer_bytes_max);
  const auto refused = asked(answer_bytes_max - framing + 1);
  EXPECT_EQ(refused.code, absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(
      refused.error, "the answer has more than the limit of 33554432 bytes: ask for it in parts");
  EXPECT_EQ(refused.result, "");
}

// Whoever cannot send it would end, and so would the next one that leads.
TEST_F(host_test, an_answer_to_a_command_is_bounded_as_well) {
  log::OpenSession large;
  large.set_token(std::string(answer_bytes_max, 'x'));
  entry(1, large);
  run();
  ASSERT_EQ(last.replies.size(), 1U);
  EXPECT_EQ(last.replies[0].code, absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(last.replies[0].result, "");
}

TEST_F(host_test, a_timer_fires_at_the_first_entry_that_is_late_enough) {
  set(10, 1, 5);
  tick(14);
  tick(15);
  tick(16);
  EXPECT_EQ(run(), (lines{"1@10 set 1", "3@15 timer 1"}));
  EXPECT_EQ(last.next_deadline, std::nullopt);
}

TEST_F(host_test, timers_survive_the_end_of_a_batch) {
  set(10, 1, 5);
  run();
  EXPECT_EQ(last.next_deadline, log_time{15});
  tick(14);
  EXPECT_EQ(run(), lines{});
  tick(99);
  EXPECT_EQ(run(), lines{"3@99 timer 1"});
}

TEST_F(host_test, timers_come_by_deadline_then_key_and_before_all_else_of_the_entry) {
  set(10, 3, 5);
  set(10, 2, 5);
  set(10, 1, 6);
  closing(20, 42);
  EXPECT_EQ(
      run(),
      (lines{
          "1@10 set 3",
          "2@10 set 2",
          "3@10 set 1",
          "4@20 timer 2",
          "4@20 timer 3",
          "4@20 timer 1",
          "4@20 closed 42",
          "4@20 settled"}));
}

TEST_F(host_test, all_closings_of_an_entry_come_before_what_follows_of_them) {
  closing(10, 1);
  also_closing(2);
  closing(11, 3);
  set(12, 1, 5);
  closing(13, 4);
  EXPECT_EQ(
      run(),
      (lines{
          "1@10 closed 1",
          "1@10 closed 2",
          "1@10 settled",
          "2@11 closed 3",
          "2@11 settled",
          "3@12 set 1",
          "4@13 closed 4",
          "4@13 settled"}));
}

TEST_F(host_test, the_deletion_is_the_last_of_all) {
  set(10, 1, 5);
  set(10, 2, 6);
  closing(15, 42);
  tasks.push_back({task_kind::deleted, clock.back().index, {}, 0, {}});
  EXPECT_EQ(
      run(),
      (lines{
          "1@10 set 1",
          "2@10 set 2",
          "3@15 timer 1",
          "3@15 closed 42",
          "3@15 settled",
          "3@15 deleted"}));
  EXPECT_TRUE(last.replies.size() == 2U) << "nobody is answered";
  EXPECT_EQ(last.next_deadline, std::nullopt);
}

TEST_F(host_test, a_closing_comes_before_the_command_of_its_entry) {
  closing(10, 42);
  tasks.push_back(tasks.back());
  tasks.back().kind = task_kind::command;
  log::CloseSession cancel;
  tasks.back().operation = shared_bytes{encode_op<recorder::commands>(cancel)};
  EXPECT_EQ(run(), (lines{"1@10 closed 42", "1@10 settled", "1@10 cancel"}));
}

TEST_F(host_test, a_timer_set_anew_moves_and_a_cancelled_one_is_gone) {
  set(10, 1, 5);
  set(11, 1, 50);
  set(12, 2, 5);
  log::CloseSession cancel;
  cancel.set_session(2);
  entry(13, cancel);
  tick(30);
  tick(61);
  EXPECT_EQ(
      run(), (lines{"1@10 set 1", "2@11 set 1", "3@12 set 2", "4@13 cancel", "6@61 timer 1"}));
}

TEST_F(host_test, a_timer_set_for_now_waits_for_the_next_entry) {
  set(10, 1, 0);
  tick(10);
  EXPECT_EQ(run(), (lines{"1@10 set 1", "2@10 timer 1"}));
}

TEST_F(host_test, a_timer_that_sets_itself_for_now_fires_once_an_entry) {
  set(10, 77, 0);
  tick(10);
  tick(10);
  EXPECT_EQ(run(), (lines{"1@10 set 77", "2@10 timer 77", "3@10 timer 77"}));
}

TEST_F(host_test, a_timer_can_cancel_one_that_is_due_with_it) {
  set(10, 66, 5);
  set(10, 67, 5);
  tick(20);
  EXPECT_EQ(run(), (lines{"1@10 set 66", "2@10 set 67", "3@20 timer 66"}));
}

// A timer further ahead must not make the host skip the entries before it.
TEST_F(host_test, a_sooner_timer_set_meanwhile_is_not_missed) {
  set(10, 1, 100);
  set(11, 2, 1);
  tick(12);
  tick(110);
  EXPECT_EQ(run(), (lines{"1@10 set 1", "2@11 set 2", "3@12 timer 2", "4@110 timer 1"}));
}

TEST_F(host_test, replies_name_their_command) {
  set(10, 1, 5);
  entry(11, log::OpenSession{});
  run();
  ASSERT_EQ(last.replies.size(), 2U);
  EXPECT_EQ(last.replies[0].index, index_t{1});
  EXPECT_EQ(last.replies[0].session, session_id{5});
  EXPECT_EQ(last.replies[0].sequence, 9U);
  EXPECT_EQ(last.replies[0].code, absl::StatusCode::kOk);
  EXPECT_EQ(last.replies[1].code, absl::StatusCode::kAborted);
  EXPECT_EQ(last.replies[1].error, "no");
}

TEST_F(host_test, queries_are_answered_or_refused) {
  log::Query query;
  query.set_resource("r");
  const auto found = host.query(session_id{1}, log_time{1}, encode_op<recorder::queries>(query));
  EXPECT_EQ(found.result, query.SerializeAsString());
  for (const std::string_view bytes : {"", "\x01", "\x7f"})
    EXPECT_EQ(
        host.query(session_id{1}, log_time{1}, bytes).code, absl::StatusCode::kInvalidArgument);
}

TEST_F(host_test, the_hash_sees_timers) {
  const std::uint64_t before = host.state_hash();
  set(10, 1, 5);
  run();
  EXPECT_NE(host.state_hash(), before);
  tick(15);
  run();
  EXPECT_EQ(host.state_hash(), before);
}

TEST(machine_registry, knows_the_catalog_and_what_users_add) {
  machine_registry registry = builtin_machines();
  EXPECT_TRUE(registry.knows("value"));
  EXPECT_TRUE(registry.knows("counter"));
  EXPECT_EQ(registry.make("recorder"), nullptr);
  registry.add<recorder>();
  ASSERT_NE(registry.make("recorder"), nullptr);
  EXPECT_EQ(registry.make("recorder")->type_name(), "recorder");
  EXPECT_EQ(make_machine_host("recorder"), nullptr);
  EXPECT_NE(make_machine_host("counter"), nullptr);
}

TEST(machine_registry, the_last_of_a_name_counts) {
  machine_registry registry = builtin_machines();
  registry.add("recorder", [] { return make_machine_host("counter"); });
  registry.add<recorder>();
  EXPECT_EQ(registry.make("recorder")->type_name(), "recorder");
  registry.add("recorder", [] { return make_machine_host("value"); });
  EXPECT_EQ(registry.make("recorder")->type_name(), "value");
}

}  // namespace
}  // namespace atomix::resources
