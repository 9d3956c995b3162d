// SPDX-License-Identifier: Apache-2.0
// The applier alone: what it tells the gateway of the entries that it is given.
#include "actors/applier.hpp"

#include "sim/process.hpp"

#include "resources/counter/counter.pb.h"
#include "resources/counter/machine.hpp"
#include "resources/session.pb.h"

#include <absl/strings/str_cat.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "tests/actors/hearing_node.hpp"

namespace atomix::actors {
namespace {

gateway_actor::behavior_type hearing_gateway(gateway_actor::pointer, words* heard) {
  return {
      [](const colleagues&) {},
      [](const connection_opened&) {},
      [](const inbound&) {},
      [](const connection_closed&) {},
      [](const leadership&) {},
      [](const read_granted&) {},
      [=](const applied_output& out) {
        for (const auto& e : out.events)
          heard->push_back(absl::StrCat("event ", e.event.number));
        for (const session_id full : out.overflowed)
          heard->push_back(absl::StrCat("session ", full.value(), " is full"));
      },
      [=](const query_answers& in) {
        for (const auto& a : in.answers)
          heard->push_back(absl::StrCat("answer ", a.id));
      },
      [](const turn_ends&) {},
  };
}

/// One session, which listens to one counter and may have one event that it has not acknowledged.
struct applier_test : testing::Test {
  using entries = std::vector<raft::entry>;

  words heard;
  words node_heard;
  sim::world at{1};
  sim::process life{at, "n1", sim::local_clock{}};
  applier_actor subject;
  session_id session;

  applier_test() {
    resources::session_limits limits;
    limits.events_max = 1;
    subject =
        life.system().spawn(applier, world{}, node_id{1}, resources::builtin_machines(), limits);
    colleagues others;
    others.gateway = life.system().spawn(hearing_gateway, &heard);
    others.node = life.system().spawn(hearing_node, &node_heard);
    caf::anon_send(subject, std::move(others));
    caf::anon_send(subject, leadership{term_t{1}, node_id{1}});
    log::Entry open;
    open.mutable_open_session()->set_timeout_ms(10'000);
    raft::entry opening = entry_of(open);
    session = session_id{opening.id.index.value()};
    commit({opening});
    commit({command(resources::counter::proto::Listen{})});
    run();
  }
  ~applier_test() override {
    life.kill();
    subject = nullptr;
  }

  void commit(entries all) { caf::anon_send(subject, committed_entries{std::move(all)}); }
  void run() { at.run_until(at.now() + 1 * sim::millisecond); }

  [[nodiscard]] raft::entry entry_of(const log::Entry& e) {
    raft::entry made;
    made.id = {term_t{1}, index_t{++last_}};
    made.time = log_time{last_};
    made.data = shared_bytes{e.SerializeAsString()};
    return made;
  }
  template <class Operation>
  [[nodiscard]] raft::entry command(const Operation& operation) {
    log::Entry e;
    auto& c = *e.mutable_command();
    c.set_session(session.value());
    c.set_sequence(++sequence_);
    c.set_resource("n");
    c.set_type("counter");
    c.set_operation(resources::encode_op<resources::counter::machine::commands>(operation));
    return entry_of(e);
  }
  [[nodiscard]] raft::entry addition() {
    resources::counter::proto::Add add;
    add.set_delta(1);
    return command(add);
  }
  [[nodiscard]] raft::entry acknowledgement(std::uint64_t events) {
    log::Entry e;
    e.mutable_keep_alive()->set_session(session.value());
    e.mutable_keep_alive()->set_events_seen(events);
    return entry_of(e);
  }

 private:
  std::uint64_t last_ = 0;
  std::uint64_t sequence_ = 0;
};

TEST_F(applier_test, tells_of_a_session_that_does_not_take_its_events) {
  commit({addition()});
  commit({addition()});
  run();
  EXPECT_EQ(heard, (words{"event 1", "event 2", "session 1 is full"}));
}

// Whoever leads anew has much to apply, and healthy sessions' acknowledgements stand in it.
TEST_F(applier_test, takes_no_session_for_full_while_more_of_the_log_waits) {
  commit({addition(), addition()});
  commit({acknowledgement(2)});  // comes while the first run is under way
  run();
  EXPECT_EQ(heard, (words{"event 1", "event 2"}));
}

TEST_F(applier_test, queries_that_wait_start_over_under_another_leader) {
  const auto ask = [&](std::uint64_t id, index_t at_least) {
    query_orders orders{at_least, {}};
    orders.queries.emplace_back().id = id;
    caf::anon_send(subject, std::move(orders));
  };
  ask(1, index_t{3});
  commit({addition()});
  run();
  EXPECT_EQ(heard, (words{"event 1", "answer 1"}));
  ask(2, index_t{4});
  caf::anon_send(subject, leadership{term_t{2}, node_id{2}});
  commit({addition()});
  run();
  EXPECT_EQ(heard, (words{"event 1", "answer 1"}));
}

}  // namespace
}  // namespace atomix::actors
