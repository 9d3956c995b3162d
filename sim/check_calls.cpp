// SPDX-License-Identifier: Apache-2.0
#include "sim/check_calls.hpp"

#include "sim/checker/check.hpp"
#include "sim/checker/self_described.hpp"
#include "sim/recorded_history.hpp"

#include "raft/base/check.hpp"

#include <absl/strings/str_cat.h>

namespace atomix::sim {

std::string checked_calls::to_string() const {
  const char* const verdict = answer == checker::verdict::valid     ? "linearizable"
                              : answer == checker::verdict::invalid ? "not linearizable"
                                                                    : "too large to say";
  const char* const of = objects == 1 ? " object" : " objects";
  return absl::StrCat(verdict, ", ", calls, " calls of ", objects, of);
}

checked_calls check_calls(run_record& record, const checker::search_limits& limits) {
  const recorded_history whole = history_of(record);
  checked_calls outcome;
  for (const checker::modelled_part& part : checker::split_by_model(whole.history)) {
    const auto model = checker::make_model(part.model);
    ATOMIX_CHECK(model.ok(), "the models of a run are there");
    const auto report = checker::check(part.operations, **model, limits);
    ATOMIX_CHECK(report.ok(), "the model of a call knows it");
    outcome.objects += report->parts.size();
    outcome.calls += part.numbers.size();
    if (report->answer == checker::verdict::invalid || outcome.answer == checker::verdict::valid)
      outcome.answer = report->answer;
    for (const checker::part_report& p : report->parts) {
      if (!p.failing) continue;
      call_bar& bar = record.calls[whole.calls[part.numbers[*p.failing]]];
      bar.impossible = true;
      bar.order.reset();
      bar.why = p.explanation;
    }
  }
  return outcome;
}

}  // namespace atomix::sim
