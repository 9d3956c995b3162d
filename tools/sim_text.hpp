// SPDX-License-Identifier: Apache-2.0
/// \file What `atomix sim` prints.
#pragma once

#include "sim/run.hpp"

#include <map>
#include <string>

namespace atomix::tools {

/// What the user asked for, as far as it says how to repeat a run.
struct sim_flags {
  std::uint64_t seed = 1;
  std::string seeds;
  std::string replay;
  std::string time = "60s";
  std::size_t nodes = 0;
  std::size_t clients = 0;
  std::string faults = "all";
  unsigned jobs = 1;
  std::uint64_t until = 0;
  std::string out = ".";
  std::string progress_file;
  std::string report;
  std::size_t reports_max = 3;
  std::string bug;
  bool list_bugs = false;
  bool probes = false;
  bool twice = false;
  bool trace = false;
  bool disks_lie = false;
  bool shrink = false;
  bool stop_at_first = false;
};

[[nodiscard]] std::string how_to_repeat(const sim_flags& flags, std::uint64_t seed);
/// One line per violation.
[[nodiscard]] std::string show_violations(const sim::run_report& report);
/// "7 killed, 2 halves".
[[nodiscard]] std::string show_faults(const std::map<sim::fault_kind, std::uint64_t>& fired);
/// "7 killed (5 mattered), 2 halves (2 mattered)".
[[nodiscard]] std::string show_faults(
    const std::map<sim::fault_kind, std::uint64_t>& fired,
    const std::map<sim::fault_kind, std::uint64_t>& mattered);
/// "12 log.before_sync, 3 node.save_ordered".
[[nodiscard]] std::string show_points(const std::map<std::string, std::uint64_t>& points);
[[nodiscard]] std::string show_run(
    const sim::run_report& report, double wall_seconds, const std::string& repeat);
/// The catalogue of bugs, a line each.
[[nodiscard]] std::string show_bugs();
/// "3 replicas, 1 client, 2 faults, 4 calls, 1.2 s".
[[nodiscard]] std::string show_size(const sim::scenario& s);

}  // namespace atomix::tools
