// SPDX-License-Identifier: Apache-2.0
#include "sim/report/history.hpp"

#include "sim/report/escape.hpp"

#include <algorithm>
#include <tuple>

namespace atomix::sim {
namespace {

struct line {
  sim_time at = 0;
  bool of_this_moment = true;  // false: ends a call that began earlier
  std::size_t call = 0;        // position in the record
  bool completion = false;

  [[nodiscard]] auto order() const { return std::tuple(at, of_this_moment, call, completion); }
};

std::vector<line> lines_of(const run_record& record) {
  std::vector<line> lines;
  lines.reserve(2 * record.calls.size());
  for (std::size_t i = 0; i < record.calls.size(); ++i) {
    const call_bar& call = record.calls[i];
    lines.push_back({call.call, true, i, false});
    if (call.outcome == call_outcome::open) continue;
    const sim_time ret = std::max(call.call, call.ret);
    lines.push_back({ret, ret == call.call, i, true});
  }
  std::sort(lines.begin(), lines.end(), [](const line& a, const line& b) {
    return a.order() < b.order();
  });
  return lines;
}

std::string_view type_of(const line& l, const call_bar& call) {
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

std::string value_of(const std::string& text) {
  return text.empty() ? "nil" : edn_string(text);
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
  for (const line& l : lines_of(record)) {
    const call_bar& call = record.calls[l.call];
    out.write("{:process " + edn_integer(call.process) + ", :type ");
    out.write(type_of(l, call));
    out.write(", :f " + edn_keyword(call.f) + ", :value ");
    out.write(value_of(l.completion ? call.result : call.arguments));
    out.write(", :time " + edn_integer(l.at) + ", :index " + edn_integer(index));
    out.write(", :resource " + edn_string(call.resource) + "}\n");
    ++index;
  }
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
