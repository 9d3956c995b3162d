// SPDX-License-Identifier: Apache-2.0
// What must hold for every log: replicas that cut it into different batches are equal, operations
// survive their encoding, and commands are applied exactly once whatever the client repeats.
#include "resources/counter/machine.hpp"
#include "resources/session_table.hpp"
#include "resources/value/machine.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cstdlib>
#include <map>
#include <string>
#include <vector>

#include "tests/resources/drawn_commands.hpp"
#include "tests/resources/log_cuts.hpp"

namespace atomix::resources {
namespace {

// The same cases each time, unless the caller of the program wants others.
[[maybe_unused]] const int seeded = setenv("RC_PARAMS", "seed=20160301 max_success=300", 0);

RC_GTEST_PROP(properties, a_value_does_not_see_how_the_log_is_cut, ()) {
  check_cuts<value::machine>(draw_value);
}

RC_GTEST_PROP(properties, a_counter_does_not_see_how_the_log_is_cut, ()) {
  check_cuts<counter::machine>(draw_counter);
}

RC_GTEST_PROP(properties, operations_survive_their_encoding, (const std::string& bytes)) {
  using list = value::machine::commands;
  value::proto::Set op;
  op.set_value(bytes);
  op.set_ttl_ms(*rc::gen::arbitrary<std::uint64_t>());
  const auto back = decode_as<list, value::proto::Set>(encode_op<list>(op));
  RC_ASSERT(back.has_value());
  RC_ASSERT(back->value() == bytes);
  RC_ASSERT(back->ttl_ms() == op.ttl_ms());
  RC_ASSERT(!(decode_as<list, value::proto::GetAndSet>(encode_op<list>(op))));
  // Whatever it is, decoding ends, and tells.
  static_cast<void>(decode_op(list{}, bytes, [](const auto&) {}));
}

/// A client that repeats and reorders as a bad network does, and acknowledges what it got.
RC_GTEST_PROP(properties, commands_are_applied_exactly_once_and_in_order, ()) {
  session_table table;
  const session_id client = table.open(index_t{1}, "token", 10'000, log_time{});
  std::vector<std::uint64_t> applied;
  std::map<std::uint64_t, std::string> first_reply;
  std::uint64_t acknowledged = 0;
  const auto arrivals =
      *rc::gen::container<std::vector<std::uint64_t>>(rc::gen::inRange<std::uint64_t>(0, 12));
  for (std::uint64_t i = 0; i < arrivals.size(); ++i) {
    const std::uint64_t sequence = arrivals[i];
    const index_t index{i + 2};
    const admitted a = table.admit(client, sequence, index, log_time{i});
    if (a.verdict == admission::fresh) {
      applied.push_back(sequence);
      first_reply[sequence] = "at " + std::to_string(index.value());
      table.complete(client, {sequence, index, absl::StatusCode::kOk, {}, first_reply[sequence]});
    }
    if (a.verdict == admission::duplicate) RC_ASSERT(a.reply->result == first_reply[sequence]);
    if (a.verdict == admission::forgotten) RC_ASSERT(sequence <= acknowledged);
    if (a.verdict == admission::gap) RC_ASSERT(sequence == 0 || sequence > applied.size() + 1);
    RC_ASSERT(a.verdict != admission::pending);
    if (sequence % 4 == 3) {
      acknowledged = std::max(acknowledged, std::min<std::uint64_t>(sequence - 1, applied.size()));
      RC_ASSERT(table.keep_alive(client, acknowledged, 0, log_time{i}));
    }
  }
  for (std::size_t i = 0; i < applied.size(); ++i)
    RC_ASSERT(applied[i] == i + 1);
}

/// Two replicas: one completes and publishes after each entry, the other only at the end.
RC_GTEST_PROP(properties, sessions_do_not_see_when_results_come_in, ()) {
  struct result {
    index_t index;
    std::uint64_t sequence = 0;
    bool event = false;
  };
  const auto apply_result = [](session_table& table, session_id id, const result& r) {
    if (r.event) return static_cast<void>(table.publish(id, r.index, "r", "event"));
    table.complete(id, {r.sequence, r.index, absl::StatusCode::kOk, {}, "reply"});
  };
  session_table soon;
  session_table late;
  const session_id id = soon.open(index_t{1}, "t", 500, log_time{});
  RC_ASSERT(late.open(index_t{1}, "t", 500, log_time{}) == id);
  std::vector<result> results;
  std::uint64_t sequence = 0;
  std::uint64_t events = 0;
  log_time now;
  const auto steps = *rc::gen::inRange<std::uint64_t>(1, 60);
  for (std::uint64_t i = 2; i < steps; ++i) {
    now = later(now, *rc::gen::element<std::uint64_t>(0, 1, 100, 300));
    RC_ASSERT(soon.advance(now) == late.advance(now));
    const index_t index{i};
    if (*rc::gen::inRange(0, 3) == 0) {
      const auto seen = *rc::gen::inRange<std::uint64_t>(0, sequence + 1);
      const auto heard = *rc::gen::inRange<std::uint64_t>(0, events + 1);
      RC_ASSERT(soon.keep_alive(id, seen, heard, now) == late.keep_alive(id, seen, heard, now));
      continue;
    }
    const admission verdict = soon.admit(id, sequence + 1, index, now).verdict;
    RC_ASSERT(late.admit(id, sequence + 1, index, now).verdict == verdict);
    if (verdict != admission::fresh) continue;
    results.push_back({index, ++sequence, false});
    apply_result(soon, id, results.back());
    results.push_back({index, 0, true});
    apply_result(soon, id, results.back());
    ++events;
  }
  for (const result& r : results)
    apply_result(late, id, r);
  RC_ASSERT(soon.state_hash() == late.state_hash());
  const auto numbers = [&](const session_table& table) {
    std::vector<std::uint64_t> found;
    for (const auto& event : table.events_after(id, 0))
      found.push_back(event.number);
    return found;
  };
  RC_ASSERT(numbers(soon) == numbers(late));
}

}  // namespace
}  // namespace atomix::resources
