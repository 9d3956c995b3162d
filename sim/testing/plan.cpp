// SPDX-License-Identifier: Apache-2.0
#include "sim/testing/plan.hpp"

#include "sim/scenario.hpp"
#include "sim/scenario_moves.hpp"

#include <absl/strings/str_cat.h>

#include <ostream>
#include <utility>

namespace atomix::testing {

std::vector<plan> plan::smaller() const {
  std::vector<plan> all;
  for (sim::scenario& each : sim::smaller_ones(*what_))
    all.emplace_back(std::make_shared<const sim::scenario>(std::move(each)));
  return all;
}

std::string plan::to_string() const {
  const sim::scenario& s = *what_;
  std::string text = absl::StrCat(
      "seed ",
      s.seed,
      ", ",
      sim::show_time(s.time),
      ", ",
      s.cluster.replicas,
      " replicas, ",
      s.cluster.clients,
      " clients, ",
      s.calls.size(),
      " calls, ",
      s.faults.faults.size(),
      " faults",
      s.calm_noise ? ", calm network\n" : "\n");
  if (!s.faults.faults.empty()) absl::StrAppend(&text, s.faults.to_string());
  for (const sim::planned_call& c : s.calls)
    absl::StrAppend(&text, sim::show_time(c.at), " c", c.client + 1, " program ", c.program, "\n");
  return text;
}

std::ostream& operator<<(std::ostream& out, const plan& p) {
  return out << p.to_string();
}

}  // namespace atomix::testing
