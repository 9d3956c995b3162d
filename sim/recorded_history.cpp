// SPDX-License-Identifier: Apache-2.0
#include "sim/recorded_history.hpp"

#include "sim/checker/edn.hpp"
#include "sim/checker/event_pairing.hpp"
#include "sim/report/history.hpp"

#include "raft/base/check.hpp"

#include <utility>

namespace atomix::sim {
namespace {

checker::event_kind kind_of(const history_line& line, const call_bar& call) {
  if (!line.completion) return checker::event_kind::invoke;
  if (call.outcome == call_outcome::ok) return checker::event_kind::ok;
  if (call.outcome == call_outcome::fail) return checker::event_kind::fail;
  return checker::event_kind::info;
}

checker::event event_of(const history_line& line, const call_bar& call) {
  checker::event e;
  e.kind = kind_of(line, call);
  e.process = static_cast<std::int64_t>(call.process);
  e.f = call.f;
  auto content = checker::parse_value(value_of(line, call));
  ATOMIX_CHECK(content.ok(), "what a call was told can be read");
  e.content = *std::move(content);
  e.time_ns = static_cast<std::int64_t>(line.at);
  if (line.completion) {
    e.index = call.log_index;
  } else {
    e.key = call.resource;
    e.model = call.model;
  }
  return e;
}

}  // namespace

recorded_history history_of(const run_record& record) {
  recorded_history found;
  checker::event_pairing pairing;
  for (const history_line& line : history_lines(record)) {
    const absl::Status added = pairing.add(event_of(line, record.calls[line.call]));
    ATOMIX_CHECK(added.ok(), "a process has one call at a time");
    if (!line.completion) found.calls.push_back(line.call);
  }
  found.history = pairing.take();
  found.history.source = "history.edn";
  return found;
}

}  // namespace atomix::sim
