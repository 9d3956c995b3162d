// SPDX-License-Identifier: Apache-2.0
/// \file What the history of a run, and the logs on its disks, say about it.
#pragma once

#include "sim/history.hpp"
#include "sim/report/record.hpp"
#include "sim/witness.hpp"

#include "raft/core/entry.hpp"

#include <absl/status/statusor.h>

#include <cstdint>
#include <string>
#include <vector>

#include "tools/torture/torture_run.hpp"

namespace atomix::tools {

/// Adds to a report. The book is closed.
class judgement {
 public:
  using logs = std::vector<std::vector<raft::entry>>;

  judgement(const sim::history& book, bool clocks_trusted, torture_report& report);

  /// The longest time in which nobody was told of a success.
  void measure_silence();
  /// All of it at once, by the order of the log. All members had the entries up to `committed`.
  void check_log(const absl::StatusOr<logs>& on_disk, std::uint64_t committed, sim::sim_time now);
  /// Each object by itself: is there an order that explains all answers? Fills in the calls of
  /// `record`, which has its lanes. Places of calls are known if the log was checked before.
  void check_calls(sim::run_record& record);
  /// What must not be taken for a violation, and what must not be taken for none.
  void weigh();

 private:
  void violated(std::string property, std::string sentence);
  [[nodiscard]] std::vector<sim::sim_time> times_told(std::size_t entries, sim::sim_time now) const;

  const sim::history& book_;
  bool clocks_trusted_;
  torture_report& report_;
  sim::call_places places_;
  std::vector<sim::objection> objections_;
};

}  // namespace atomix::tools
