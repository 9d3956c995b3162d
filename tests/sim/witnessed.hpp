// SPDX-License-Identifier: Apache-2.0
/// \file A small history and the log behind it, for tests of those who judge one by the other.
#pragma once

#include "sim/witness.hpp"

#include "resources/counter/counter.pb.h"
#include "resources/counter/machine.hpp"
#include "resources/session.pb.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace atomix::sim {

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
    resources::counter::proto::Changed event;
    event.set_old_value(before);
    event.set_new_value(after);
    return resources::encode_op<resources::counter::machine::events>(event);
  }
  std::size_t call_add(std::int64_t delta) {
    recorded_call c = blank();
    c.operation = add_of(delta);
    return book.add_call(c);
  }
  std::size_t call_get() {
    recorded_call c = blank();
    c.is_query = true;
    c.operation = resources::encode_op<resources::counter::machine::queries>(
        resources::counter::proto::Get{});
    return book.add_call(c);
  }
  void answer_add(std::size_t call, index_t at, std::int64_t before, std::int64_t after) {
    resources::counter::proto::Moved moved;
    moved.set_before(before);
    moved.set_after(after);
    book.add_return(call, outcome{at, moved.SerializeAsString()});
  }
  void answer_get(std::size_t call, index_t at, std::int64_t value) {
    resources::counter::proto::Current current;
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

  /// The session does not take its events.
  void commit_giving_up() {
    log::Entry e;
    e.mutable_close_session()->set_session(id_.value());
    e.mutable_close_session()->set_let_expire(true);
    append(e);
  }

  void commit_closing() {
    log::Entry e;
    e.mutable_close_session()->set_session(id_.value());
    append(e);
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
    return resources::encode_op<resources::counter::machine::commands>(
        resources::counter::proto::Listen{});
  }
  static std::string add_of(std::int64_t delta) {
    resources::counter::proto::Add add;
    add.set_delta(delta);
    return resources::encode_op<resources::counter::machine::commands>(add);
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

}  // namespace atomix::sim
