// SPDX-License-Identifier: Apache-2.0
#include "sim/report/history.hpp"

#include "sim/report/escape.hpp"

#include <algorithm>
#include <tuple>

namespace atomix::sim {
namespace {

struct placed_line {
  history_line line;
  std::uint64_t position = 0;
  bool of_this_moment = true;  // false: ends a call that began earlier

  [[nodiscard]] auto order() const {
    return std::tuple(line.at, position, of_this_moment, line.call, line.completion);
  }
};

std::string_view type_of(const history_line& l, const call_bar& call) {
  if (!l.completion) return ":invoke";
  switch (call.outcome) {
    case call_outcome::ok:
      return ":ok";
    case call_outcome::fail:
      return ":fail";
    case call_outcome::info:
    case call_outcome::open:
      break;
  }
  return ":info";
}

/// Faults as Jepsen's nemesis tells of them.
struct nemesis_line {
  sim_time at = 0;
  bool end = false;
  const fault_band* fault = nullptr;
};

std::vector<nemesis_line> nemesis_lines_of(const run_record& record) {
  std::vector<nemesis_line> lines;
  for (const fault_band& f : record.faults) {
    lines.push_back({f.from, false, &f});
    if (f.to > f.from && f.to < record.duration) lines.push_back({f.to, true, &f});
  }
  std::stable_sort(lines.begin(), lines.end(), [](const nemesis_line& a, const nemesis_line& b) {
    return a.at < b.at;
  });
  return lines;
}

std::string nemesis_text(const run_record& record, const nemesis_line& l, std::uint64_t index) {
  std::string who;
  for (const std::size_t lane : l.fault->lanes)
    who += (who.empty() ? "" : " ") + edn_string(record.lanes[lane].name);
  return "{:process :nemesis, :type :info, :f "
         + edn_keyword((l.end ? "stop-" : "start-") + l.fault->kind) + ", :value "
         + (who.empty() ? ":everybody" : "[" + who + "]") + ", :time " + edn_integer(l.at)
         + ", :index " + edn_integer(index) + "}\n";
}

std::string call_text(const history_line& l, const call_bar& call, std::uint64_t index) {
  std::string text = "{:process " + edn_integer(call.process) + ", :type ";
  text += type_of(l, call);
  text += ", :f " + edn_keyword(call.f) + ", :value " + value_of(l, call);
  text += ", :time " + edn_integer(l.at) + ", :index " + edn_integer(index);
  text += ", :key " + edn_string(call.resource);
  if (!call.model.empty()) text += ", :model " + edn_keyword(call.model);
  if (l.completion && call.log_index != 0) text += ", :log-index " + edn_integer(call.log_index);
  if (l.completion && !call.error.empty()) text += ", :error " + edn_string(call.error);
  return text + "}\n";
}

void write_finding(const finding& f, text_sink& out) {
  out.write("{:sentence " + edn_string(f.sentence));
  out.write(", :where " + edn_string(f.where));
  out.write(", :time " + edn_integer(f.at) + "}");
}

void write_checks(const run_record& record, text_sink& out) {
  std::map<std::string, std::vector<const finding*>> checks;
  for (const finding& f : record.findings)
    checks[edn_keyword(f.check)].push_back(&f);
  out.write(" :checks {");
  const char* between = "";
  for (const auto& [check, findings] : checks) {
    out.write(between + check + " {:valid? false, :findings [");
    for (const finding* f : findings) {
      if (f != findings.front()) out.write(" ");
      write_finding(*f, out);
    }
    out.write("]}");
    between = ",\n          ";
  }
  out.write("},\n");
}

}  // namespace

void write_history(const run_record& record, text_sink& out) {
  std::uint64_t index = 0;
  const std::vector<nemesis_line> faults = nemesis_lines_of(record);
  auto fault = faults.begin();
  const auto faults_until = [&](sim_time at) {
    for (; fault != faults.end() && fault->at <= at; ++fault)
      out.write(nemesis_text(record, *fault, index++));
  };
  for (const history_line& l : history_lines(record)) {
    faults_until(l.at);
    out.write(call_text(l, record.calls[l.call], index++));
  }
  faults_until(~sim_time{0});
}

std::vector<history_line> history_lines(const run_record& record) {
  std::vector<placed_line> placed;
  placed.reserve(2 * record.calls.size());
  for (std::size_t i = 0; i < record.calls.size(); ++i) {
    const call_bar& call = record.calls[i];
    placed.push_back({{call.call, i, false}, call.call_position, true});
    if (call.outcome == call_outcome::open) continue;
    const sim_time ret = std::max(call.call, call.ret);
    placed.push_back({{ret, i, true}, call.ret_position, ret == call.call});
  }
  std::sort(placed.begin(), placed.end(), [](const placed_line& a, const placed_line& b) {
    return a.order() < b.order();
  });
  std::vector<history_line> lines;
  lines.reserve(placed.size());
  for (const placed_line& p : placed)
    lines.push_back(p.line);
  return lines;
}

const std::string& value_of(const history_line& line, const call_bar& call) {
  static const std::string nothing = "nil";
  const bool answered = line.completion && call.outcome == call_outcome::ok && !call.result.empty();
  const std::string& text = answered ? call.result : call.arguments;
  return text.empty() ? nothing : text;
}

void write_results(const run_record& record, text_sink& out) {
  out.write(record.valid ? "{:valid? true,\n" : "{:valid? false,\n");
  out.write(" :seed " + edn_integer(record.seed) + ",\n");
  out.write(" :title " + edn_string(record.title) + ",\n");
  out.write(" :command " + edn_string(record.command) + ",\n");
  out.write(" :build " + edn_string(record.build) + ",\n");
  out.write(" :trace-hash \"" + hexadecimal(record.trace_hash) + "\",\n");
  out.write(" :duration " + edn_integer(record.duration) + ",\n");
  write_checks(record, out);
  out.write(" :statistics {");
  const char* between = "";
  for (const auto& [name, value] : record.statistics) {
    out.write(between + edn_string(name) + " " + edn_string(value));
    between = ",\n              ";
  }
  out.write("}}\n");
}

}  // namespace atomix::sim
