// SPDX-License-Identifier: Apache-2.0
#include "sim/repro.hpp"

#include "sim/knobs.hpp"

#include <absl/status/status.h>
#include <absl/strings/str_cat.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdint>
#include <stdexcept>
#include <utility>

namespace atomix::sim {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

constexpr int format = 1;

// Every number of a scenario that is not a list, by name: one table for reading and writing.
template <class Scenario, class Visit>
void each_number(Scenario& s, Visit visit) {
  visit("seed", s.seed);
  visit("time_ns", s.time);
  visit("replicas", s.cluster.replicas);
  visit("clients", s.cluster.clients);
  each_knob(s.cluster, visit);
  visit("drift_ppm", s.cluster.drift_ppm);
  visit("disks_lie", s.cluster.disks_lie);
  visit("delay_ns", s.network.base);
  visit("delay_tail_ns", s.network.tail);
  visit("lost_ppm", s.network.lost_ppm);
  visit("repeated_ppm", s.network.repeated_ppm);
  visit("reordered_ppm", s.network.reordered_ppm);
  visit("corrupt_ppm", s.network.corrupt_ppm);
  visit("calm_noise", s.calm_noise);
  visit("core", s.core);
}

template <class List, class Write>
std::string list_of(const char* name, const List& list, Write write) {
  std::string text = absl::StrCat("  \"", name, "\": [");
  const char* before = "\n    ";
  for (const auto& each : list) {
    absl::StrAppend(&text, before, write(each).dump());
    before = ",\n    ";
  }
  return text + (list.empty() ? "]" : "\n  ]");
}

ordered_json json_of(const fault& f) {
  ordered_json j;
  j["kind"] = std::string{to_string(f.kind)};
  j["start_ns"] = f.start;
  j["duration_ns"] = f.duration;
  j["target"] = f.target;
  j["group"] = f.group;
  j["detail"] = f.detail;
  if (f.lasting) j["lasting"] = true;
  return j;
}

ordered_json json_of(const planned_call& c, const topic& about) {
  ordered_json j;
  j["at_ns"] = c.at;
  j["client"] = c.client;
  j["program"] = about.programs[c.program];
  j["word"] = c.word;
  return j;
}

fault read_fault(const json& j) {
  fault f;
  const auto kinds = parse_fault_kinds(j.at("kind").get<std::string>());
  if (!kinds.ok() || kinds->size() != 1) throw std::invalid_argument("one kind of fault expected");
  f.kind = *kinds->begin();
  f.start = j.at("start_ns").get<sim_time>();
  f.duration = j.at("duration_ns").get<sim_duration>();
  f.target = j.at("target").get<std::size_t>();
  f.group = j.at("group").get<std::uint64_t>();
  f.detail = j.at("detail").get<std::uint64_t>();
  f.lasting = j.value("lasting", false);
  return f;
}

planned_call read_call(const json& j, std::size_t clients, const topic& about) {
  planned_call c;
  c.at = j.at("at_ns").get<sim_time>();
  c.client = j.at("client").get<std::size_t>();
  c.word = j.at("word").get<std::uint64_t>();
  const auto& names = about.programs;
  const auto name = j.at("program").get<std::string>();
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) throw std::invalid_argument("no program is called " + name);
  if (c.client >= clients) throw std::invalid_argument("a call of a client that is not there");
  c.program = static_cast<std::size_t>(found - names.begin());
  return c;
}

repro read(const json& j, const topic& about) {
  if (j.at("format").get<int>() != format)
    throw std::invalid_argument("this program reads format 1; another version wrote the file");
  repro r;
  each_number(r.what, [&](const char* name, auto& number) {
    // Files of before a number came up do without it: it is as usual.
    if (j.contains(name)) number = j.at(name).get<std::remove_reference_t<decltype(number)>>();
  });
  if (r.what.cluster.replicas < 1 || r.what.cluster.replicas > 9 || r.what.cluster.clients < 1
      || r.what.cluster.clients > 9)
    throw std::invalid_argument("from 1 to 9 replicas and clients");
  if (!are_sound(r.what.cluster)) {
    throw std::invalid_argument(
        "grain_ns and heartbeat_ticks at least 1, election_ticks at least twice that, "
        "earlier_term and earlier_ms below 2^62");
  }
  for (const json& each : j.at("faults"))
    r.what.faults.faults.push_back(read_fault(each));
  for (const json& each : j.at("calls"))
    r.what.calls.push_back(read_call(each, r.what.cluster.clients, about));
  r.bug = j.at("bug").get<std::string>();
  r.check = j.at("check").get<std::string>();
  r.sentence = j.at("sentence").get<std::string>();
  return r;
}

}  // namespace

std::string to_json(const repro& r, const topic& about) {
  ordered_json head;
  head["format"] = format;
  head["check"] = r.check;
  head["sentence"] = r.sentence;
  head["bug"] = r.bug;
  each_number(r.what, [&](const char* name, const auto& number) { head[name] = number; });
  std::string text = head.dump(2);
  text.resize(text.rfind('\n'));
  const auto fault_line = [](const fault& f) {
    return json_of(f);
  };
  const auto call_line = [&](const planned_call& c) {
    return json_of(c, about);
  };
  absl::StrAppend(&text, ",\n", list_of("faults", r.what.faults.faults, fault_line));
  absl::StrAppend(&text, ",\n", list_of("calls", r.what.calls, call_line), "\n}\n");
  return text;
}

absl::StatusOr<repro> parse_repro(std::string_view text, const topic& about) {
  try {
    return read(json::parse(text), about);
  } catch (const std::exception& wrong) {
    return absl::InvalidArgumentError(absl::StrCat("not a scenario: ", wrong.what()));
  }
}

std::string to_test(const repro& r, const std::string& name) {
  std::string comment = r.sentence;
  std::replace(comment.begin(), comment.end(), '\n', ' ');
  return absl::StrCat(
      "// SPDX-License-Identifier: Apache-2.0\n// ",
      r.check,
      ": ",
      comment,
      "\n#include \"sim/repro.hpp\"\n#include \"sim/run.hpp\"\n\n#include <gtest/gtest.h>\n\n"
      "namespace atomix::sim {\nnamespace {\n\nconstexpr const char* scenario_",
      name,
      " = R\"json(",
      to_json(r),
      ")json\";\n\nTEST(regression, ",
      name,
      ") {\n  const auto found = parse_repro(scenario_",
      name,
      ");\n  ASSERT_TRUE(found.ok()) << found.status();\n"
      "  const run_report report = run(found->what, run_options{});\n"
      "  for (const violation& v : report.violations)\n"
      "    ADD_FAILURE() << show_time(v.at) << \" \" << v.where << \": \" << v.property << \": \" "
      "<< "
      "v.sentence;\n}\n\n}  // namespace\n}  // namespace atomix::sim\n");
}

}  // namespace atomix::sim
