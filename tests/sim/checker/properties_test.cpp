// SPDX-License-Identifier: Apache-2.0
// What holds for whatever history.
#include "sim/checker/check.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <array>
#include <set>
#include <string>

#include "tests/sim/checker/brute_force.hpp"
#include "tests/sim/checker/random_history.hpp"

namespace atomix::checker {
namespace {

constexpr std::array models{
    "register",
    "cas-register",
    "multi-register",
    "queue",
    "map",
    "mutex",
    "counter",
    "set",
    "lock",
    "election"};

std::string text_of(const history& h) {
  std::string text;
  for (const operation& op : h.operations)
    text += describe(op) + "\n";
  return text;
}

drawing_options draw_options(std::size_t operations_max, unsigned wrong_percent) {
  drawing_options options;
  options.model = *rc::gen::elementOf(models);
  options.operations = *rc::gen::inRange<std::size_t>(1, operations_max + 1);
  options.processes = *rc::gen::inRange<std::size_t>(1, 6);
  options.unknown_percent = *rc::gen::element(0U, 15U, 40U);
  options.wrong_percent = wrong_percent;
  options.distinct = *rc::gen::arbitrary<bool>();
  return options;
}

check_report check_or_die(const history& h, model& m, const search_limits& limits = {}) {
  auto report = check(h, m, limits);
  RC_ASSERT(report.ok());
  return *std::move(report);
}

// The order has each operation once, keeps real time and gives the results.
void confirm(const history& h, model& m, const part_report& part) {
  value state = m.initial();
  std::set<std::size_t> ordered;
  std::size_t latest_call = 0;
  for (const std::size_t n : part.order) {
    const operation& op = h.operations[n];
    RC_ASSERT(ordered.insert(n).second);
    RC_ASSERT(op.ret > latest_call);
    latest_call = std::max(latest_call, op.call);
    const auto next = m.step(state, op);
    RC_ASSERT(next.has_value());
    state = *next;
  }
}

RC_GTEST_PROP(CheckerProperty, WhatHappenedOneAtATimeIsValid, ()) {
  const auto seed = *rc::gen::arbitrary<std::uint64_t>();
  const drawing_options options = draw_options(60, 0);
  const history h = draw_history(options, seed);
  const auto m = *make_model(options.model);
  // With many calls that never returned the search may take for ever, and has to say so.
  const check_report report = check_or_die(h, *m, {.configurations = 100'000, .stop = {}});
  RC_CLASSIFY(report.answer == verdict::unknown);
  if (report.answer == verdict::unknown) return;
  if (report.answer != verdict::valid)
    RC_FAIL(options.model + ": " + report.explanation() + "\n" + text_of(h));
  if (report.parts.size() == 1) confirm(h, *m, report.parts.front());
}

RC_GTEST_PROP(CheckerProperty, AgreesWithTryingAllOrders, ()) {
  const auto seed = *rc::gen::arbitrary<std::uint64_t>();
  const drawing_options options = draw_options(8, 25);
  const history h = draw_history(options, seed);
  const auto m = *make_model(options.model);
  const check_report report = check_or_die(h, *m);
  const auto fresh = *make_model(options.model);
  const bool expected = linearizable_by_brute_force(h, *fresh);
  RC_TAG(std::string(expected ? "valid" : "invalid"));
  if ((report.answer == verdict::valid) != expected)
    RC_FAIL(
        options.model + (expected ? " is valid: " : " is invalid: ") + report.explanation() + "\n"
        + text_of(h));
  if (expected) return;
  const part_report* bad = report.first(verdict::invalid);
  RC_ASSERT(bad != nullptr && bad->failing.has_value());
  RC_ASSERT(*bad->failing < h.operations.size());
  RC_ASSERT(!bad->explanation.empty());
}

// All keys in one map of states, without division.
RC_GTEST_PROP(CheckerProperty, DividingByKeyChangesNothing, ()) {
  const auto seed = *rc::gen::arbitrary<std::uint64_t>();
  drawing_options options = draw_options(9, 20);
  options.keys = 2;
  const history h = draw_history(options, seed);
  const auto m = *make_model(options.model);
  const check_report together = check_or_die(h, *m);
  bool all_valid = true;
  for (std::int64_t key = 0; key < 2; ++key) {
    history one = h;
    std::erase_if(one.operations, [key](const operation& op) { return op.key != value{key}; });
    for (operation& op : one.operations)
      op.key = value{0};
    const auto fresh = *make_model(options.model);
    all_valid = all_valid && linearizable_by_brute_force(one, *fresh);
  }
  RC_ASSERT((together.answer == verdict::valid) == all_valid);
}

}  // namespace
}  // namespace atomix::checker
