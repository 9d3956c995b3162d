// SPDX-License-Identifier: Apache-2.0
// Maps, locks and elections do not see how the log is cut into batches: with timers, sessions that
// end together, and deletions.
#include "resources/election/machine.hpp"
#include "resources/lock/machine.hpp"
#include "resources/map/machine.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cstdlib>

#include "tests/resources/log_cuts.hpp"

namespace atomix::resources {
namespace {

// The same cases each time, unless the caller of the program wants others.
[[maybe_unused]] const int seeded = setenv("RC_PARAMS", "seed=20160301 max_success=300", 0);

std::uint64_t small_number() {
  return *rc::gen::inRange<std::uint64_t>(0, 3);
}

std::string draw_lock() {
  namespace proto = lock::proto;
  using commands = lock::machine::commands;
  switch (*rc::gen::inRange(0, 9)) {
    case 0:
      return encode_op<commands>(proto::Withdraw{});
    case 1:
      return *rc::gen::arbitrary<std::string>();  // of an enemy
    case 2:
    case 3:
    case 4: {
      proto::Release op;
      op.set_handle(small_number());
      // Few tokens are in use: mostly this one is not.
      if (*rc::gen::inRange(0, 4) == 0) op.set_token(*rc::gen::inRange<std::uint64_t>(10, 40));
      return encode_op<commands>(op);
    }
    default: {
      proto::Acquire op;
      op.set_handle(small_number());
      op.set_wait_forever(*rc::gen::arbitrary<bool>());
      op.set_wait_ms(*rc::gen::element<std::uint64_t>(0, 1, 5, 20, 60));
      return encode_op<commands>(op);
    }
  }
}

std::string draw_election() {
  namespace proto = election::proto;
  using commands = election::machine::commands;
  switch (*rc::gen::inRange(0, 9)) {
    case 0:
    case 1: {
      proto::Resign op;
      op.set_handle(small_number());
      return encode_op<commands>(op);
    }
    case 2:
    case 3:
      return encode_op<commands>(proto::Listen{});
    case 4:
      return encode_op<commands>(proto::Unlisten{});
    case 5:
      return *rc::gen::arbitrary<std::string>();
    default: {
      proto::Run op;
      op.set_handle(small_number());
      op.set_candidate(*rc::gen::element<std::string>("a", "b"));
      return encode_op<commands>(op);
    }
  }
}

/// A command about one key, with whatever else it wants.
template <class Op>
std::string about_a_key() {
  Op op;
  op.set_key(*rc::gen::element<std::string>("a", "b", "c"));
  const auto text = [] {
    return *rc::gen::element<std::string>("", "1", "2");
  };
  if constexpr (requires { op.set_update(""); })
    op.set_update(text());
  else if constexpr (requires { op.set_value(""); })
    op.set_value(text());
  if constexpr (requires { op.set_expect(""); }) op.set_expect(text());
  if constexpr (requires { op.set_ttl_ms(1); })
    op.set_ttl_ms(*rc::gen::element<std::uint64_t>(0, 1, 5, 20, 60));
  if constexpr (requires { op.set_return_previous(true); })
    op.set_return_previous(*rc::gen::arbitrary<bool>());
  return encode_op<map::machine::commands>(op);
}

template <class Op>
std::string about_listening() {
  Op op;
  if (*rc::gen::arbitrary<bool>()) op.set_key(*rc::gen::element<std::string>("a", "b"));
  return encode_op<map::machine::commands>(op);
}

std::string draw_map() {
  namespace proto = map::proto;
  switch (*rc::gen::inRange(0, 11)) {
    case 0:
      return about_a_key<proto::PutIfAbsent>();
    case 1:
      return about_a_key<proto::Replace>();
    case 2:
      return about_a_key<proto::ReplaceIf>();
    case 3:
      return about_a_key<proto::Remove>();
    case 4:
      return about_a_key<proto::RemoveIf>();
    case 5:
      return encode_op<map::machine::commands>(proto::Clear{});
    case 6:
      return about_listening<proto::Listen>();
    case 7:
      return about_listening<proto::Unlisten>();
    case 8:
      return *rc::gen::arbitrary<std::string>();
    default:
      return about_a_key<proto::Put>();
  }
}

RC_GTEST_PROP(cuts, a_lock_does_not_see_how_the_log_is_cut, ()) {
  check_cuts<lock::machine>(draw_lock);
}

RC_GTEST_PROP(cuts, an_election_does_not_see_how_the_log_is_cut, ()) {
  check_cuts<election::machine>(draw_election);
}

RC_GTEST_PROP(cuts, a_map_does_not_see_how_the_log_is_cut, ()) {
  check_cuts<map::machine>(draw_map);
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
