// SPDX-License-Identifier: Apache-2.0
#include "tools/torture/torture_record.hpp"

#include <algorithm>
#include <utility>

namespace atomix::tools {

void torture_record::fault(
    sim::sim_time at, const sim::fault& f, const std::vector<sim::host_id>& hosts) {
  faults_.push_back({{std::string{sim::to_string(f.kind)}, at, at + f.duration, {}, {}}, hosts});
}

void torture_record::member(sim::sim_time at, std::size_t which, const std::string& state) {
  auto& now = states_[which];
  if (now.name == state) return;
  roles_.push_back({which, now.since, at, std::exchange(now.name, state), 0});
  now.since = at;
}

void torture_record::fill(sim::run_record& record, sim::sim_time end) {
  for (std::size_t i = 0; i < states_.size(); ++i)
    member(end, i, "over");
  record.roles = std::move(roles_);
  for (told_fault& f : faults_) {
    f.band.to = std::min(f.band.to, end);
    for (const sim::host_id host : f.hosts) {
      // All clients are one host of this network.
      const std::size_t last = host < states_.size() ? host + 1 : record.lanes.size();
      for (std::size_t lane = host; lane < last; ++lane)
        f.band.lanes.push_back(lane);
    }
    record.faults.push_back(std::move(f.band));
  }
}

}  // namespace atomix::tools
