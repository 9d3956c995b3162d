// SPDX-License-Identifier: Apache-2.0
// What clients saw against what the log says: told in small stories about one counter.
#include "sim/witness.hpp"

#include "resources/counter/counter.pb.h"
#include "resources/counter/machine.hpp"
#include "resources/session.pb.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace atomix::sim {
namespace {

namespace counter = resources::counter;

/// One client with one session, and a log of its own.
class witnessed : public testing::Test {
 protected:
  void SetUp() override {
    append({}, raft::entry_kind::term_start);
    log::Entry open;
    open.mutable_open_session()->set_timeout_ms(3'600'000);
    id_ = session_id{append(open).value()};
    session_ = book.add_session(0);
    book.session_changed(session_, id_, session_state::connected);
  }

  /// An addition reaches the log.
  index_t commit_add(std::int64_t delta, std::uint64_t sequence) {
    return commit(sequence, add_of(delta));
  }
  index_t commit_listen(std::uint64_t sequence) { return commit(sequence, listen_operation()); }
  std::size_t call_listen() {
    recorded_call c = blank();
    c.operation = listen_operation();
    return book.add_call(c);
  }
  static std::string changed(std::int64_t before, std::int64_t after) {
    counter::proto::Changed event;
    event.set_old_value(before);
    event.set_new_value(after);
    return resources::encode_op<counter::machine::events>(event);
  }
  std::size_t call_add(std::int64_t delta) {
    recorded_call c = blank();
    c.operation = add_of(delta);
    return book.add_call(c);
  }
  std::size_t call_get() {
    recorded_call c = blank();
    c.is_query = true;
    c.operation = resources::encode_op<counter::machine::queries>(counter::proto::Get{});
    return book.add_call(c);
  }
  void answer_add(std::size_t call, index_t at, std::int64_t before, std::int64_t after) {
    counter::proto::Moved moved;
    moved.set_before(before);
    moved.set_after(after);
    book.add_return(call, outcome{at, moved.SerializeAsString()});
  }
  void answer_get(std::size_t call, index_t at, std::int64_t value) {
    counter::proto::Current current;
    current.set_value(value);
    book.add_return(call, outcome{at, current.SerializeAsString()});
  }
  std::vector<std::string> objections(frame_order frames = frame_order::kept) {
    std::vector<std::string> checks;
    for (const objection& o :
         judge(book, committed_, {now_, frames, true, {}, quiet}, {machines, &states}))
      checks.push_back(o.check);
    return checks;
  }

  /// The time of all sessions is over.
  void commit_expiry() {
    append({}, raft::entry_kind::time);
    committed_.back().entry.time = log_time{3'600'000 + committed_.size()};
  }

  /// Another term begins, so much later than the last one ended.
  void commit_term(std::uint64_t ms) {
    const log_time before = committed_.back().entry.time;
    append({}, raft::entry_kind::term_start);
    committed_.back().entry.time = later(before, ms);
  }

  /// What a replica has after everything so far; the number of sessions is right.
  void replica_has(std::uint64_t resources) {
    const index_t last{committed_.size()};
    states[last] = {last, 0, resources, 1};
  }
  std::uint64_t what_the_log_gives() const {
    reference replayed;
    for (const committed_entry& e : committed_)
      replayed.apply(e.entry);
    return replayed.hash_of_resources();
  }

  replica_states states;
  resources::machine_registry machines = resources::builtin_machines();
  quiet_time quiet;
  sim_time now_ = 0;
  history book{[this] { return now_; }, {"c1"}};

 private:
  recorded_call blank() const {
    recorded_call c;
    c.session = session_;
    c.resource = {"n", "counter"};
    return c;
  }
  static std::string listen_operation() {
    return resources::encode_op<counter::machine::commands>(counter::proto::Listen{});
  }
  static std::string add_of(std::int64_t delta) {
    counter::proto::Add add;
    add.set_delta(delta);
    return resources::encode_op<counter::machine::commands>(add);
  }
  index_t commit(std::uint64_t sequence, std::string operation) {
    log::Entry e;
    auto* c = e.mutable_command();
    c->set_session(id_.value());
    c->set_sequence(sequence);
    c->set_resource("n");
    c->set_type("counter");
    c->set_operation(std::move(operation));
    return append(e);
  }
  index_t append(const log::Entry& e, raft::entry_kind kind = raft::entry_kind::command) {
    raft::entry entry;
    entry.id = {term_t{1}, index_t{committed_.size() + 1}};
    entry.kind = kind;
    entry.time = log_time{committed_.size()};
    entry.data = shared_bytes{e.SerializeAsString()};
    committed_.push_back({entry, now_});
    return entry.id.index;
  }

  std::vector<committed_entry> committed_;
  session_id id_;
  std::size_t session_ = 0;
};

TEST_F(witnessed, what_fits_the_log_is_left_alone) {
  const auto add = call_add(5);
  const index_t at = commit_add(5, 1);
  answer_add(add, at, 0, 5);
  answer_get(call_get(), at, 5);
  EXPECT_TRUE(objections().empty());
}

TEST_F(witnessed, another_result_than_the_log_gives_is_found) {
  const auto add = call_add(5);
  answer_add(add, commit_add(5, 1), 0, 6);
  EXPECT_FALSE(objections().empty());
}

TEST_F(witnessed, a_stale_read_is_found) {
  const auto add = call_add(5);
  const index_t at = commit_add(5, 1);
  answer_add(add, at, 0, 5);
  answer_get(call_get(), at.previous(), 0);
  EXPECT_EQ(objections().front(), "linearizability");
}

TEST_F(witnessed, an_acknowledged_command_that_is_not_in_the_log_is_found) {
  const auto add = call_add(5);
  answer_add(add, index_t{3}, 0, 5);
  EXPECT_FALSE(objections().empty());
}

TEST_F(witnessed, a_refused_command_that_is_in_the_log_is_found) {
  const auto add = call_add(5);
  static_cast<void>(commit_add(5, 1));
  book.add_return(add, absl::FailedPreconditionError("refused"));
  EXPECT_FALSE(objections().empty());
}

TEST_F(witnessed, a_retry_in_the_log_counts_once) {
  const auto add = call_add(5);
  const index_t at = commit_add(5, 1);
  const index_t again = commit_add(5, 1);
  answer_add(add, at, 0, 5);
  answer_get(call_get(), again, 5);
  EXPECT_TRUE(objections().empty());
}

/// Listens, adds, and adds again; the event of the first addition comes before or after the second
/// answer.
class witnessed_order : public witnessed {
 protected:
  void tell(bool event_first) {
    const auto listening = call_listen();
    book.add_return(listening, outcome{commit_listen(1), ""});
    const auto one = call_add(5);
    const index_t at = commit_add(5, 2);
    answer_add(one, at, 0, 5);
    const auto other = call_add(1);
    const index_t later = commit_add(1, 3);
    if (event_first) book.add_event(0, at, "n", changed(0, 5));
    answer_add(other, later, 5, 6);
    if (!event_first) book.add_event(0, at, "n", changed(0, 5));
    book.add_event(0, later, "n", changed(5, 6));
  }
};

TEST_F(witnessed_order, events_before_later_answers_are_as_promised) {
  tell(true);
  EXPECT_TRUE(objections().empty());
}

TEST_F(witnessed_order, an_answer_that_overtakes_an_event_is_found) {
  tell(false);
  EXPECT_EQ(objections(), std::vector<std::string>{"events"});
}

TEST_F(witnessed_order, a_query_that_shows_what_its_session_was_not_told_is_found) {
  const auto listening = call_listen();
  book.add_return(listening, outcome{commit_listen(1), ""});
  const auto add = call_add(5);
  const index_t at = commit_add(5, 2);
  answer_add(add, at, 0, 5);
  answer_get(call_get(), at, 5);
  EXPECT_EQ(objections(), std::vector<std::string>{"events"});
}

TEST_F(witnessed_order, where_frames_overtake_each_other_it_is_not_held_against_the_cluster) {
  tell(false);
  EXPECT_TRUE(objections(frame_order::may_break).empty());
}

TEST_F(witnessed, a_replica_in_the_state_that_the_log_gives) {
  replica_has(what_the_log_gives());
  const auto add = call_add(5);
  answer_add(add, commit_add(5, 1), 0, 5);
  replica_has(what_the_log_gives());
  EXPECT_TRUE(objections().empty());
}

TEST_F(witnessed, a_machine_in_another_state_is_found) {
  const std::uint64_t before = what_the_log_gives();
  const auto add = call_add(5);
  answer_add(add, commit_add(5, 1), 0, 5);
  replica_has(before);
  EXPECT_EQ(objections(), std::vector<std::string>{"machines"});
}

TEST_F(witnessed, a_machine_that_is_wrong_on_all_replicas_alike_is_found) {
  struct forgetful : counter::machine {
    using machine::apply;
    void apply(resources::commit_context& c, const counter::proto::Add& op) {
      if (op.delta() == 5) return machine::apply(c, counter::proto::Add{});
      machine::apply(c, op);
    }
  };
  machines.add<forgetful>();
  const auto add = call_add(5);
  answer_add(add, commit_add(5, 1), 0, 0);
  EXPECT_EQ(objections(), std::vector<std::string>{"specification"});
}

TEST_F(witnessed, a_replica_with_another_number_of_sessions_is_found) {
  replica_has(what_the_log_gives());
  states.rbegin()->second.sessions = 2;
  EXPECT_EQ(objections(), std::vector<std::string>{"session"});
}

TEST_F(witnessed, a_client_that_is_answered_after_its_session_has_expired_is_found) {
  const auto add = call_add(5);
  const index_t at = commit_add(5, 1);
  book.session_changed(0, {}, session_state::expired);
  commit_expiry();
  now_ += second;
  answer_add(add, at, 0, 5);
  EXPECT_EQ(objections(), std::vector<std::string>{"session"});
}

// What it waited for makes no difference: a lock that it grants may be another's.
TEST_F(witnessed, an_answer_that_was_held_back_does_not_come_with_the_end_of_its_session) {
  (void)call_add(1);
  const auto add = call_add(5);
  commit_add(1, 1);
  const index_t at = commit_add(5, 2);
  commit_expiry();
  book.session_changed(0, {}, session_state::expired);
  now_ += second;
  answer_add(add, at, 1, 6);
  EXPECT_EQ(objections(), std::vector<std::string>{"session"});
}

// Who is out of touch holds what it holds, until it hears that it has expired.
TEST_F(witnessed, a_client_that_believes_in_a_session_that_has_expired_is_found) {
  book.session_changed(0, {}, session_state::suspended);
  commit_expiry();
  now_ += second;
  book.session_changed(0, {}, session_state::expired);
  EXPECT_EQ(objections(), std::vector<std::string>{"session"});
}

TEST_F(witnessed, an_event_that_comes_after_its_session_has_expired_is_found) {
  const auto listen = call_listen();
  book.add_return(listen, outcome{commit_listen(1), {}});
  const auto add = call_add(5);
  const index_t at = commit_add(5, 2);
  answer_add(add, at, 0, 5);
  commit_expiry();
  now_ += second;
  book.add_event(0, at, "n", changed(0, 5));
  const auto found = objections();
  ASSERT_FALSE(found.empty());
  EXPECT_EQ(found.back(), "events");
}

/// All is quiet from 1 s on.
class witnessed_quiet : public witnessed {
 protected:
  static constexpr sim_duration timeout = 3'600 * second;

  witnessed_quiet() { quiet = {1 * second, 2 * timeout}; }
};

TEST_F(witnessed_quiet, what_is_answered_at_once_is_well) {
  now_ = 2 * second;
  answer_add(call_add(5), commit_add(5, 1), 0, 5);
  now_ = 10 * second;
  EXPECT_TRUE(objections().empty());
}

TEST_F(witnessed_quiet, a_call_that_waits_for_nothing_is_found) {
  now_ = 2 * second;
  const auto add = call_add(5);
  const index_t at = commit_add(5, 1);
  now_ = 4 * second;
  answer_add(add, at, 0, 5);
  EXPECT_EQ(objections(), std::vector<std::string>{"promptness"});
  quiet.begin = 3 * second;
  EXPECT_TRUE(objections().empty()) << "it may have been hindered when it was called";
}

TEST_F(witnessed_quiet, who_must_find_back_after_a_blow_has_time_to) {
  quiet.blow = 10 * second;
  now_ = 9 * second;
  const auto add = call_add(5);
  const index_t at = commit_add(5, 1);
  now_ = 16 * second;
  EXPECT_TRUE(objections().empty());
  now_ = 17 * second;
  answer_add(add, at, 0, 5);
  EXPECT_EQ(objections(), std::vector<std::string>{"promptness"});
  quiet.blow = 11 * second;
  EXPECT_EQ(objections(), std::vector<std::string>{"promptness"}) << "it waited before, too";
  quiet.blow = 10 * second + 400 * millisecond;
  quiet.end = 16 * second;
  EXPECT_TRUE(objections().empty());
}

TEST_F(witnessed_quiet, a_session_that_nothing_hindered_does_not_expire) {
  quiet.begin = 100 * millisecond;
  now_ = timeout + 200 * millisecond;
  book.session_changed(0, {}, session_state::expired);
  EXPECT_EQ(objections(), std::vector<std::string>{"session"});
  quiet.begin = timeout - 10 * second;
  EXPECT_TRUE(objections().empty()) << "it may have had no time to say that it lives";
}

TEST_F(witnessed_quiet, what_is_due_happens) {
  now_ = timeout + 200 * millisecond;
  EXPECT_TRUE(objections().empty());
  now_ = timeout + 1 * second;
  EXPECT_EQ(objections(), std::vector<std::string>{"deadlines"});
  book.session_changed(0, {}, session_state::closed);
  commit_expiry();
  now_ = timeout + 2 * second;
  EXPECT_EQ(objections(), std::vector<std::string>{"deadlines"}) << "it came late";
}

TEST_F(witnessed, time_that_goes_on_between_two_terms_is_found) {
  commit_term(0);
  EXPECT_TRUE(objections().empty());
  commit_term(1);
  EXPECT_EQ(objections(), std::vector<std::string>{"log time"});
}

TEST_F(witnessed, an_event_that_nobody_published_is_found) {
  book.add_event(0, index_t{2}, "n", "made up");
  const auto found = objections();
  ASSERT_FALSE(found.empty());
  EXPECT_EQ(found.front(), "events");
}

}  // namespace
}  // namespace atomix::sim
