// SPDX-License-Identifier: Apache-2.0
#include "sim/testing/call_book.hpp"

#include "sim/checker/check.hpp"
#include "sim/checker/drawing.hpp"

#include <absl/strings/str_cat.h>

#include <utility>

namespace atomix::testing {

observed call_book::begin(
    std::size_t client, std::string_view object, std::string f, checker::value argument) {
  auto found = pages_.find(object);
  if (found == pages_.end())
    found = pages_.emplace(std::string(object), std::make_shared<page>()).first;
  const std::shared_ptr<page>& at = found->second;
  // A process does one thing at a time, and nothing more after an unknown end.
  std::set<std::int64_t>& idle = at->idle[client];
  const std::int64_t process = idle.empty() ? at->processes++ : *idle.begin();
  idle.erase(process);
  checker::operation op;
  op.process = process;
  op.f = std::move(f);
  op.argument = std::move(argument);
  op.call_time_ns = static_cast<std::int64_t>(now());
  const std::size_t number = at->calls.begin(std::move(op));
  return observed{[this, client, process, number, weak = std::weak_ptr<page>(at)](
                      bool happened, checker::value result) {
    const std::shared_ptr<page> open = weak.lock();
    if (open == nullptr) return;
    const auto known = happened ? checker::certainty::ok : checker::certainty::failed;
    open->calls.end(number, known, std::move(result)).return_time_ns =
        static_cast<std::int64_t>(now());
    open->idle[client].insert(process);
  }};
}

void call_book::judge(const std::map<std::string, experiment::model_maker>& models) {
  for (const auto& [object, make] : models) {
    const auto found = pages_.find(object);
    if (found == pages_.end()) continue;
    const auto model = make();
    judge(object, *found->second, *model);
  }
}

void call_book::judge(const std::string& object, page& p, checker::model& m) {
  checker::history& h = p.calls.present();
  h.source = object;
  const auto report = checker::check(h, m);
  const std::string property = absl::StrCat("linearizability of ", object);
  if (!report.ok()) return found_.add(property, std::string(report.status().message()), "clients");
  if (report->answer == checker::verdict::valid) return;
  if (report->answer == checker::verdict::unknown)
    return found_.add(property, "not decided: too many calls overlap", "clients");
  const checker::part_report* const bad = report->first(checker::verdict::invalid);
  found_.add(
      property,
      absl::StrCat(bad->explanation, "\n", bad->failing ? checker::draw(h, *bad) : ""),
      "clients");
}

}  // namespace atomix::testing
