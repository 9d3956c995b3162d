// SPDX-License-Identifier: Apache-2.0
/// \file One run: a real cluster and real clients under faults from a seed, then all checks.
#pragma once

#include "sim/check_calls.hpp"
#include "sim/fault_plan.hpp"
#include "sim/findings.hpp"
#include "sim/time.hpp"
#include "sim/workload.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "tools/torture/fault_network.hpp"

namespace atomix::tools {

struct torture_options {
  std::uint64_t seed = 1;
  std::chrono::milliseconds time{20'000};  ///< with faults and calls; a calm end follows
  std::size_t members = 3;
  std::size_t clients = 4;
  std::set<sim::fault_kind> faults;
  std::string directory;             ///< for data, logs, histories; empty: a temporary one
  std::string report;                ///< where a report is written in any case; empty: nowhere
  std::vector<std::string> command;  ///< what runs a server, before its arguments
  std::function<void(const std::string&)> trace;  ///< called from several threads, one at a time
  std::function<bool()> interrupted;
};

struct torture_report {
  std::vector<sim::violation> violations;
  std::vector<std::string> doubts;  ///< why the answer is unknown, if there is no violation
  sim::workload_counts counts;
  std::map<sim::fault_kind, std::uint64_t> fired;
  network_counts network;
  sim::checked_calls checked;
  std::uint64_t log_entries = 0;  ///< judged by the witness
  std::chrono::milliseconds longest_stall{0};
  sim::sim_duration longest_silence = 0;  ///< in which no call was acknowledged
  sim::sim_time silent_from = 0;
  std::string kept_in;  ///< where logs and data are, if something was found
  std::string page;     ///< to open in a browser, if something was found or it was asked for

  [[nodiscard]] checker::verdict answer() const {
    if (!violations.empty()) return checker::verdict::invalid;
    return doubts.empty() ? checker::verdict::valid : checker::verdict::unknown;
  }
};

/// Starts processes; the calling thread must stay until it returns, for they end with it.
[[nodiscard]] torture_report torture(const torture_options& options);

}  // namespace atomix::tools
