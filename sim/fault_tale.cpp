// SPDX-License-Identifier: Apache-2.0
// What the record of a run is told of the faults that begin.
#include "sim/fault_player.hpp"
#include "sim/recorder.hpp"

#include <absl/strings/str_cat.h>

#include <utility>

namespace atomix::sim {

void fault_player::tell(
    const fault& f,
    sim_duration lasts,
    const std::vector<host_id>& hosts,
    std::string words) const {
  recorder* const record = world_.recording();
  if (record == nullptr) return;
  const std::string kind{to_string(f.kind)};
  record->fault({kind, world_.now(), world_.now() + lasts, hosts, std::move(words)});
}

void fault_player::tell_partition(const fault& f, const host_pairs& pairs) const {
  if (world_.recording() == nullptr || pairs.empty()) return;
  if (const auto one = common_host(pairs)) return tell(f, f.duration, {*one}, "");
  std::string words;
  if (f.kind == fault_kind::halves || f.kind == fault_kind::bridge) {
    std::string sides[2];
    for (host_id host = 0; host < network_.paths().hosts(); ++host) {
      const bool replica = host < cluster_.replicas();
      std::string& side = sides[(f.group >> host) & 1U];
      absl::StrAppend(&side, side.empty() ? "" : " ", replica ? "n" : "c");
      absl::StrAppend(&side, replica ? host + 1 : host + 1 - cluster_.replicas());
    }
    words = sides[1] + " | " + sides[0];
  }
  tell(f, f.duration, {}, std::move(words));
}

}  // namespace atomix::sim
