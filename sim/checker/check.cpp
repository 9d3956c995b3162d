// SPDX-License-Identifier: Apache-2.0
#include "sim/checker/check.hpp"

#include "sim/checker/cat.hpp"
#include "sim/checker/partition.hpp"

#include <utility>

namespace atomix::checker {
namespace {

std::string states_text(const model& m, const std::vector<value>& states) {
  std::string text;
  for (std::size_t i = 0; i < states.size(); ++i)
    append(text, i == 0 ? "" : i + 1 == states.size() ? ", or " : ", ", m.show(states[i]));
  return text;
}

// For failures that no screen has a better sentence for.
std::string general_sentence(const model& m, const part& p, const search_outcome& outcome) {
  const operation& op = p.at(outcome.stuck);
  std::string text =
      cat("The ", describe(op), " has no place in any order: after all that must come before it, ");
  append(text, states_text(m, outcome.states), ", and nothing that was open then helps.");
  return text;
}

std::vector<std::size_t> open_with(const history& h, const part& p, std::size_t failing) {
  const operation& op = h.operations[failing];
  std::vector<std::size_t> open;
  for (const std::size_t n : p.numbers) {
    const operation& other = h.operations[n];
    if (n != failing && other.call < op.ret && other.ret > op.call) open.push_back(n);
  }
  return open;
}

part_report check_part(model& m, const part& p, const search_limits& limits) {
  part_report report;
  report.key = p.key;
  report.operations = p.size();
  if (auto found = m.screen(p)) {
    report.answer = verdict::invalid;
    report.failing = found->number;
    report.explanation = std::move(found->sentence);
  } else if (auto decided = m.decide(p)) {
    report.answer = decided->why_not ? verdict::invalid : verdict::valid;
    report.order = std::move(decided->order);
    if (decided->why_not) {
      report.failing = decided->why_not->number;
      report.explanation = std::move(decided->why_not->sentence);
    }
  } else {
    const search_outcome outcome = search(m, p, limits);
    report.answer = outcome.answer;
    report.configurations = outcome.configurations;
    for (const std::size_t i : outcome.order)
      report.order.push_back(p.numbers[i]);
    if (outcome.answer == verdict::invalid) {
      report.failing = p.numbers[outcome.stuck];
      report.explanation = general_sentence(m, p, outcome);
    }
  }
  if (report.failing) report.concurrent = open_with(*p.whole, p, *report.failing);
  return report;
}

}  // namespace

const part_report* check_report::first(verdict wanted) const {
  for (const part_report& p : parts)
    if (p.answer == wanted) return &p;
  return nullptr;
}

std::string check_report::explanation() const {
  const part_report* bad = first(verdict::invalid);
  return bad == nullptr ? std::string{} : bad->explanation;
}

absl::StatusOr<check_report> check(const history& h, model& m, const search_limits& limits) {
  m.adopt(h);
  auto parts = partition(h, m);
  if (!parts.ok()) return parts.status();
  check_report report;
  search_limits rest = limits;
  for (const part& p : *parts) {
    report.parts.push_back(check_part(m, p, rest));
    const part_report& last = report.parts.back();
    report.configurations += last.configurations;
    rest.configurations -= std::min(rest.configurations, last.configurations);
    if (last.answer == verdict::invalid) report.answer = verdict::invalid;
    if (last.answer == verdict::unknown && report.answer == verdict::valid)
      report.answer = verdict::unknown;
  }
  return report;
}

}  // namespace atomix::checker
