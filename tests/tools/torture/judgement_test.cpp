// SPDX-License-Identifier: Apache-2.0
// What clients were told, by hand: the judge believes what can be true, and nothing else.
#include "tools/torture/judgement.hpp"

#include "resources/counter/machine.hpp"
#include "resources/lock/machine.hpp"
#include "resources/value/machine.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "tools/torture/member_logs.hpp"

namespace atomix::tools {
namespace {

using resources::encode_op;

/// Clients whose calls never overlap.
struct clients {
  sim::sim_time time = 0;
  sim::history book{[this] { return time; }, {"c1", "c2"}};
  torture_report report;

  std::size_t session(std::size_t client) {
    const std::size_t number = book.add_session(client);
    book.session_changed(number, session_id{number + 1}, session_state::connected);
    return number;
  }
  std::size_t call(
      std::size_t session, resource_name resource, std::string operation, bool is_query) {
    time += sim::millisecond;
    sim::recorded_call c;
    c.session = session;
    c.resource = std::move(resource);
    c.operation = std::move(operation);
    c.is_query = is_query;
    return book.add_call(std::move(c));
  }
  void answer(std::size_t call, const std::string& result) {
    time += sim::millisecond;
    book.add_return(call, outcome{index_t{book.calls().size()}, result});
  }
  checker::verdict judged() {
    judgement judge{book, true, report};
    sim::run_record record;
    record.lanes = {{"n1", true}, {"c1", false}, {"c2", false}};
    judge.check_calls(record);
    return report.answer();
  }
};

struct counter_story : clients {
  void add(std::size_t session, std::int64_t after) {
    namespace proto = resources::counter::proto;
    proto::Add add;
    add.set_delta(1);
    proto::Moved moved;
    moved.set_after(after);
    const auto c = call(
        session,
        {"counter", "counter"},
        encode_op<resources::counter::machine::commands>(add),
        false);
    answer(c, moved.SerializeAsString());
  }
};

TEST(judgement, believes_a_counter_that_counts) {
  counter_story s;
  const std::size_t one = s.session(0);
  const std::size_t other = s.session(1);
  s.add(one, 1);
  s.add(other, 2);
  s.add(one, 3);
  EXPECT_EQ(s.judged(), checker::verdict::valid);
}

TEST(judgement, does_not_believe_that_two_increments_gave_the_same) {
  counter_story s;
  const std::size_t one = s.session(0);
  const std::size_t other = s.session(1);
  s.add(one, 1);
  s.add(other, 1);
  ASSERT_EQ(s.judged(), checker::verdict::invalid);
  EXPECT_EQ(s.report.violations.front().property, "linearizability");
}

struct register_story : clients {
  const resource_name name{"register 1", "value"};
  void write(std::size_t session, const std::string& number) {
    resources::value::proto::Set set;
    set.set_value(number);
    answer(call(session, name, encode_op<resources::value::machine::commands>(set), false), "");
  }
  void read(std::size_t session, const std::string& number) {
    resources::value::proto::Current now;
    now.set_value(number);
    const std::string get =
        encode_op<resources::value::machine::queries>(resources::value::proto::Get{});
    answer(call(session, name, get, true), now.SerializeAsString());
  }
};

TEST(judgement, does_not_believe_a_stale_read) {
  register_story s;
  const std::size_t one = s.session(0);
  const std::size_t other = s.session(1);
  s.write(one, "1");
  s.write(one, "2");
  s.read(other, "2");
  s.read(other, "1");
  EXPECT_EQ(s.judged(), checker::verdict::invalid);
}

struct lock_story : clients {
  const resource_name name{"lock", "lock"};
  std::size_t ask(std::size_t session) {
    return call(
        session,
        name,
        encode_op<resources::lock::machine::commands>(resources::lock::proto::Acquire{}),
        false);
  }
  void acquire(std::size_t session, std::uint64_t token) {
    resources::lock::proto::Asked asked;
    asked.set_token(token);
    answer(ask(session), asked.SerializeAsString());
  }
  void wait(std::size_t session, std::uint64_t request) {
    resources::lock::proto::Asked asked;
    asked.set_request(request);
    answer(ask(session), asked.SerializeAsString());
  }
  void hear_granted(std::size_t session, std::uint64_t request, std::uint64_t token) {
    resources::lock::proto::Granted granted;
    granted.set_request(request);
    granted.set_token(token);
    const std::string event = encode_op<resources::lock::machine::events>(granted);
    book.add_event(session, {index_t{token}, "lock", event});
  }
  void release(std::size_t session) {
    resources::lock::proto::Answer yes;
    yes.set_yes(true);
    const auto c = call(
        session,
        name,
        encode_op<resources::lock::machine::commands>(resources::lock::proto::Release{}),
        false);
    answer(c, yes.SerializeAsString());
  }
};

TEST(judgement, believes_a_lock_that_is_passed_on) {
  lock_story s;
  const std::size_t one = s.session(0);
  const std::size_t other = s.session(1);
  s.acquire(one, 10);
  s.wait(other, 11);
  s.release(one);
  s.hear_granted(other, 11, 12);
  s.release(other);
  EXPECT_EQ(s.judged(), checker::verdict::valid);
}

TEST(judgement, believes_that_a_session_lets_go_when_it_ends) {
  lock_story s;
  const std::size_t one = s.session(0);
  const std::size_t other = s.session(1);
  s.acquire(one, 10);
  s.time += sim::second;
  s.book.session_changed(one, session_id{1}, session_state::expired);
  s.acquire(other, 12);
  EXPECT_EQ(s.judged(), checker::verdict::valid);
}

TEST(judgement, believes_that_calls_fail_right_after_their_session) {
  lock_story s;
  const std::size_t one = s.session(0);
  const std::size_t other = s.session(1);
  const std::size_t lost = s.ask(one);
  s.time += sim::second;
  s.book.session_changed(one, session_id{1}, session_state::expired);
  s.book.add_return(lost, unknown_outcome(absl::AbortedError("the session expired")));
  s.acquire(other, 12);
  EXPECT_EQ(s.judged(), checker::verdict::valid);
}

TEST(judgement, does_not_believe_two_holders) {
  lock_story s;
  const std::size_t one = s.session(0);
  const std::size_t other = s.session(1);
  s.acquire(one, 10);
  s.acquire(other, 12);
  EXPECT_EQ(s.judged(), checker::verdict::invalid);
}

TEST(judgement, does_not_believe_a_token_that_shrinks) {
  lock_story s;
  const std::size_t one = s.session(0);
  const std::size_t other = s.session(1);
  s.acquire(one, 10);
  s.release(one);
  s.acquire(other, 9);
  EXPECT_EQ(s.judged(), checker::verdict::invalid);
}

raft::entry entry_of(std::uint64_t term, std::uint64_t index, const std::string& data) {
  return {
      {term_t{term}, index_t{index}},
      raft::entry_kind::command,
      log_time{},
      shared_bytes{std::string(data)}};
}

TEST(member_logs, agree_on_what_was_committed_and_may_differ_behind_it) {
  const std::vector<raft::entry> one{entry_of(1, 1, "a"), entry_of(1, 2, "b")};
  const std::vector<raft::entry> other{entry_of(1, 1, "a"), entry_of(2, 2, "c")};
  EXPECT_EQ(committed_part({one, other}, 1)->size(), 1U);
  EXPECT_TRUE(absl::IsDataLoss(committed_part({one, other}, 2).status()));
}

TEST(member_logs, hold_what_was_committed) {
  const std::vector<raft::entry> one{entry_of(1, 1, "a")};
  EXPECT_TRUE(absl::IsDataLoss(committed_part({one, {}}, 1).status()));
}

}  // namespace
}  // namespace atomix::tools
