// SPDX-License-Identifier: Apache-2.0
/// \file A run with real processes as reports show it: calls, faults, who was down or stood still.
/// What went on inside the servers nobody has seen.
#pragma once

#include "sim/fault_plan.hpp"
#include "sim/fault_shapes.hpp"
#include "sim/report/record.hpp"
#include "sim/time.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace atomix::tools {

/// Used by one thread.
class torture_record {
 public:
  explicit torture_record(std::size_t members) : states_(members, {0, "serving"}) {}

  /// `hosts`: whom it concerns; none: everybody.
  void fault(sim::sim_time at, const sim::fault& f, const std::vector<sim::host_id>& hosts);
  /// From now on the member is "serving", "paused" or "down".
  void member(sim::sim_time at, std::size_t which, const std::string& state);

  /// Adds what it knows to a record that has its lanes.
  void fill(sim::run_record& record, sim::sim_time end);

 private:
  struct span_so_far {
    sim::sim_time since = 0;
    std::string name;
  };
  struct told_fault {
    sim::fault_band band;
    std::vector<sim::host_id> hosts;
  };
  std::vector<span_so_far> states_;
  std::vector<sim::role_span> roles_;
  std::vector<told_fault> faults_;
};

}  // namespace atomix::tools
