// SPDX-License-Identifier: Apache-2.0
/// \file One run of the simulator: a cluster, its clients, a fault plan, the checks. A function of
/// its options.
#pragma once

#include "sim/fault_plan.hpp"
#include "sim/findings.hpp"
#include "sim/network.hpp"
#include "sim/report/record.hpp"
#include "sim/scenario.hpp"
#include "sim/subject.hpp"
#include "sim/workload.hpp"

#include "raft/base/probe.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace atomix::sim {

struct run_options {
  std::uint64_t seed = 1;
  sim_duration time = 60 * second;  ///< with faults; a calm end follows
  std::size_t nodes = 5;            ///< [1, 9]; 0: drawn
  std::size_t clients = 3;          ///< [1, 9]; 0: drawn
  std::set<fault_kind> faults{all_fault_kinds().begin(), all_fault_kinds().end()};
  /// After the faults the clients must come to an end within this time.
  sim_duration calm_limit = 30 * second;
  /// Without, a run ends with its faults: only what is found while they are on is found.
  bool calm_end = true;
  /// Asks the models of the checker too. They find by another way what the witness and the
  /// specifications find, and cost a tenth of a run.
  bool models = true;
  /// Plants a bug that the checks must find: disks say that they synced and did not.
  bool disks_lie = false;
  std::shared_ptr<const topic> about;             ///< null: the catalog
  std::function<void(const std::string&)> trace;  ///< gets each line, if set
  /// Ends after so many events and steps of actors, as `--until` has it. 0: never.
  std::uint64_t until_event = 0;
  /// Keeps the trace hash behind every `checkpoint_events` lines of the trace.
  bool checkpoints = false;
  /// Writes the run down for a report: costs time and memory, and changes nothing.
  bool record = false;
};

struct run_report {
  std::vector<violation> violations;
  scenario played;
  std::map<fault_kind, std::uint64_t> fired;
  std::map<fault_kind, std::uint64_t> mattered;  ///< so many of them changed something
  std::map<std::string, std::uint64_t> points;   ///< fault points, and how often they were come by
  probe_counts probed{};
  workload_counts clients;
  network_counts network;
  std::uint64_t trace_hash = 0;
  std::vector<std::uint64_t> checkpoints;  ///< if asked for
  std::uint64_t events = 0;
  std::uint64_t actor_steps = 0;
  std::uint64_t elections = 0;
  std::uint64_t restarts = 0;
  std::uint64_t lost = 0;  ///< replicas without a disk, or that refuse to start from a damaged log
  std::uint64_t committed = 0;
  sim_duration simulated = 0;
  std::shared_ptr<run_record> record;  ///< if asked for
  [[nodiscard]] bool ok() const { return violations.empty(); }
};

/// What these options draw.
[[nodiscard]] scenario scenario_of(const run_options& options);
/// Draws a scenario and plays it. Stops at the first violation.
[[nodiscard]] run_report run(const run_options& options);
/// Plays this one. Of `options` only what a scenario does not say counts: limits and traces.
[[nodiscard]] run_report run(const scenario& what, const run_options& options);

}  // namespace atomix::sim
