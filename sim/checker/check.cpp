// SPDX-License-Identifier: Apache-2.0
#include "sim/checker/check.hpp"

#include "sim/checker/cat.hpp"
#include "sim/checker/partition.hpp"

#include <algorithm>
#include <utility>

namespace atomix::checker {
namespace {

// "the register holds 0, 1 or 2": the words that all begin with are said once, values whole.
std::string states_text(const model& m, const std::vector<value>& states) {
  std::vector<std::string> texts(states.size());
  std::transform(states.begin(), states.end(), texts.begin(), [&m](const value& state) {
    return m.show(state);
  });
  std::sort(texts.begin(), texts.end());
  std::size_t common = texts.front().rfind(' ', texts.front().find_first_of("\"[({#")) + 1;
  for (const std::string& text : texts) {
    while (!text.starts_with(texts.front().substr(0, common)))
      common = texts.front().rfind(' ', common - 2) + 1;
  }
  std::string all = texts.front();
  for (std::size_t i = 1; i < texts.size(); ++i)
    append(all, i + 1 == texts.size() ? " or " : ", ", texts[i].substr(common));
  return all;
}

// For failures that no screen has a better sentence for. The states are those that the search met,
// not all that there are: it leaves out ways that cannot lead further.
std::string general_sentence(
    const model& m, const part& p, const search_outcome& outcome, const part_report& report) {
  const bool some_are_used =
      std::any_of(report.concurrent.begin(), report.concurrent.end(), [&report](std::size_t open) {
        return std::find(report.order.begin(), report.order.end(), open) != report.order.end();
      });
  return cat(
      "The ",
      describe(p.at(outcome.stuck)),
      " has no place in any order: where those that get furthest stop, ",
      states_text(m, outcome.states),
      some_are_used ? ", and nothing that was open then helps, but for what earlier results need."
                    : ", and nothing that was open then helps.");
}

std::vector<std::size_t> open_with(const part& p, std::size_t failing) {
  const operation& op = p.whole->operations[failing];
  std::vector<std::size_t> open;
  for (const std::size_t n : p.numbers) {
    const operation& other = p.whole->operations[n];
    if (n != failing && other.call < op.ret && other.ret > op.call) open.push_back(n);
  }
  return open;
}

void blame(part_report& report, const part& p, finding found) {
  report.failing = found.number;
  report.concurrent = open_with(p, found.number);
  report.explanation = std::move(found.sentence);
  report.named = std::move(found.others);
}

part_report check_part(model& m, const part& p, const search_limits& limits) {
  part_report report;
  report.key = p.key;
  report.operations = p.size();
  if (auto found = m.screen(p)) {
    report.answer = verdict::invalid;
    blame(report, p, *std::move(found));
  } else if (auto decided = m.decide(p)) {
    report.answer = decided->why_not ? verdict::invalid : verdict::valid;
    report.order = std::move(decided->order);
    if (decided->why_not) blame(report, p, *std::move(decided->why_not));
  } else {
    const search_outcome outcome = search(m, p, limits);
    report.answer = outcome.answer;
    report.configurations = outcome.configurations;
    for (const std::size_t i : outcome.order)
      report.order.push_back(p.numbers[i]);
    if (outcome.answer == verdict::invalid) {
      report.failing = p.numbers[outcome.stuck];
      report.concurrent = open_with(p, *report.failing);
      report.explanation = general_sentence(m, p, outcome, report);
    }
  }
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
