// SPDX-License-Identifier: Apache-2.0
/// \file Puts together the record of a run that is over: what was recorded on the way, what clients
/// saw, and what the checks say.
#pragma once

#include "sim/history.hpp"
#include "sim/recorder.hpp"
#include "sim/report/record.hpp"
#include "sim/run.hpp"
#include "sim/witness.hpp"

#include <vector>

namespace atomix::sim {

struct run_traces {
  recorder& recorded;
  const history& book;
  const std::vector<committed_entry>& log;
  circumstances around;
  resources::machine_registry machines;  ///< that replicas know
  more_words words;                      ///< for those that are not of the catalog
};

/// Whoever writes the report adds how to repeat the run, and the build.
[[nodiscard]] run_record write_down(const run_traces& traces, const run_report& report);

}  // namespace atomix::sim
