// SPDX-License-Identifier: Apache-2.0
// Maps, locks and elections do not see how the log is cut into batches: with timers, sessions that
// end together, and deletions.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cstdlib>

#include "tests/resources/drawn_commands.hpp"
#include "tests/resources/log_cuts.hpp"

namespace atomix::resources {
namespace {

// The same cases each time, unless the caller of the program wants others.
[[maybe_unused]] const int seeded = setenv("RC_PARAMS", "seed=20160301 max_success=300", 0);

RC_GTEST_PROP(cuts, a_lock_does_not_see_how_the_log_is_cut, ()) {
  check_cuts<lock::machine>(draw_lock);
}

RC_GTEST_PROP(cuts, an_election_does_not_see_how_the_log_is_cut, ()) {
  check_cuts<election::machine>(draw_election);
}

RC_GTEST_PROP(cuts, a_map_does_not_see_how_the_log_is_cut, ()) {
  check_cuts<map::machine>(draw_map);
}

template <class Machine, class Draw>
void check_undo(const Draw& draw) {
  typed_machine_host<Machine> host;
  const std::string operation = draw();
  if (!host.undoes(operation)) return;
  const auto clock =
      std::make_shared<const std::vector<clock_mark>>(1, clock_mark{index_t{1}, log_time{1}});
  const batch_results done = host.run(
      {clock, {{task_kind::command, index_t{1}, session_id{1}, 1, shared_bytes{operation}}}});
  RC_ASSERT(done.replies.size() == 1U);
  RC_ASSERT(done.events.empty());
  RC_ASSERT(!done.next_deadline);
  RC_ASSERT(host.state_hash() == typed_machine_host<Machine>{}.state_hash());
}

RC_GTEST_PROP(undo, does_nothing_to_a_fresh_resource, ()) {
  check_undo<lock::machine>(draw_lock);
  check_undo<election::machine>(draw_election);
  check_undo<map::machine>(draw_map);
  check_undo<value::machine>(draw_value);
  check_undo<counter::machine>(draw_counter);
}

TEST(undo, is_known_by_the_kind_of_command) {
  const typed_machine_host<lock::machine> host;
  using commands = lock::machine::commands;
  EXPECT_FALSE(host.undoes(encode_op<commands>(lock::proto::Acquire{})));
  EXPECT_TRUE(host.undoes(encode_op<commands>(lock::proto::Release{})));
  EXPECT_TRUE(host.undoes(encode_op<commands>(lock::proto::Withdraw{})));
  EXPECT_FALSE(host.undoes(""));
  EXPECT_FALSE(host.undoes("no such command"));
}

// Events of all sessions at one entry tell of one leader at most, and no epoch comes twice.
RC_GTEST_PROP(cuts, an_epoch_has_one_leader, ()) {
  const std::vector<log_entry> log = draw_log(draw_election);
  typed_machine_host<election::machine> host;
  std::vector<clock_mark> clock;
  std::vector<task> tasks;
  for (const log_entry& entry : log) {
    clock.push_back(entry.mark);
    for (const task& each : entry.tasks)
      if (each.kind != task_kind::deleted) tasks.push_back(each);
  }
  const batch_results results =
      host.run({std::make_shared<const std::vector<clock_mark>>(clock), tasks});
  std::map<index_t, std::string> leaders;  // by epoch
  for (const task_event& each : results.events) {
    using election::proto::LeaderChanged;
    const auto e = decode_as<election::machine::events, LeaderChanged>(each.event);
    if (!e || !e->has_leader()) continue;
    RC_ASSERT(e->leader().epoch() == each.index.value());
    const std::string leader = e->leader().SerializeAsString();
    RC_ASSERT(leaders.emplace(each.index, leader).first->second == leader);
  }
}

}  // namespace
}  // namespace atomix::resources
