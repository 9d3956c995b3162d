// SPDX-License-Identifier: Apache-2.0
#include "sim/run_record.hpp"

#include "sim/check_calls.hpp"
#include "sim/record_calls.hpp"

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <string>

namespace atomix::sim {
namespace {

/// More calls are in the history only.
constexpr std::size_t calls_shown = 30'000;
/// For all objects together: seconds, in the worst case. No clock decides here.
constexpr std::size_t configurations_max = 200'000;

std::string count(std::uint64_t n, const char* one, const char* many) {
  return absl::StrCat(n, " ", n == 1 ? one : many);
}

std::string title_of(const scenario& s) {
  return absl::StrCat(
      count(s.cluster.replicas, "replica", "replicas"),
      ", ",
      count(s.cluster.clients, "client", "clients"),
      ", ",
      count(s.faults.faults.size(), "fault", "faults"),
      " planned in ",
      (s.time + second / 2) / second,
      " s");
}

void tell_figures(const run_report& report, run_record& record) {
  auto& figures = record.statistics;
  const auto put = [&figures](const char* name, std::uint64_t value) {
    figures[name] = std::to_string(value);
  };
  put("elections", report.elections);
  put("ends of replicas", report.restarts);
  put("entries committed", report.committed);
  put("events", report.events);
  put("steps of actors", report.actor_steps);
  put("sessions", report.clients.sessions);
}

void leave_out_calls(run_record& record) {
  if (record.calls.size() <= calls_shown) return;
  record.calls_in_history_only = record.calls.size() - calls_shown;
  record.left_out.push_back(
      absl::StrCat("the first ", record.calls_in_history_only, " calls (they are in history.edn)"));
}

}  // namespace

run_record write_down(const run_traces& traces, const run_report& report) {
  run_record record;
  record.seed = report.played.seed;
  record.title = title_of(report.played);
  record.trace_hash = report.trace_hash;
  record.valid = report.ok();
  record.duration = report.simulated;
  record.plan = report.played.faults.to_string();
  for (const violation& v : report.violations)
    record.findings.push_back({v.property, v.sentence, v.where, v.at});
  tell_figures(report, record);
  traces.recorded.fill(record);

  const judgement all =
      judge_and_place(traces.book, traces.log, traces.around, {.machines = traces.machines});
  record_calls(traces.book, all.places, record, traces.words);
  mark_calls(all.objections, record);
  checker::search_limits limits;
  limits.configurations = configurations_max;
  const checked_calls checked = check_calls(record, limits);
  record.statistics["history"] = checked.to_string();
  leave_out_calls(record);
  return record;
}

}  // namespace atomix::sim
