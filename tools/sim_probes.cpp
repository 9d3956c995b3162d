// SPDX-License-Identifier: Apache-2.0
#include "tools/sim_probes.hpp"

#include "sim/probes.hpp"

#include <absl/strings/str_cat.h>
#include <absl/strings/str_format.h>

namespace atomix::tools {

void probe_tally::add(const probe_counts& run) {
  for (std::size_t i = 0; i < probes; ++i) {
    times_[i] += run[i];
    if (run[i] != 0) ++runs_[i];
  }
}

std::vector<probe> probe_tally::missing() const {
  std::vector<probe> never;
  for (const sim::probe_entry& p : sim::probe_table()) {
    if (runs_[static_cast<std::size_t>(p.what)] == 0) never.push_back(p.what);
  }
  return never;
}

std::string probe_tally::summary() const {
  const auto never = missing();
  std::string text = absl::StrCat(probes - never.size(), " of ", probes);
  for (const probe p : never) {
    const auto& known = sim::probe_table()[static_cast<std::size_t>(p)];
    absl::StrAppend(&text, p == never.front() ? "; never: " : ", ", std::string{known.name});
  }
  return text;
}

std::string probe_tally::table() const {
  std::string text = absl::StrFormat("%8s %10s  %s\n", "RUNS", "TIMES", "WHAT");
  for (const sim::probe_entry& p : sim::probe_table()) {
    const auto i = static_cast<std::size_t>(p.what);
    absl::StrAppendFormat(
        &text,
        "%8d %10d  %s: %s\n",
        runs_[i],
        times_[i],
        std::string{p.name},
        std::string{p.sentence});
  }
  return text;
}

}  // namespace atomix::tools
