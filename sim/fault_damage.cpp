// SPDX-License-Identifier: Apache-2.0
// Faults of media that a log must notice.
#include "sim/fault_player.hpp"

#include <algorithm>

namespace atomix::sim {

/// While its machine is off; or it goes on, and meets the damage when it reads its log for somebody
/// who is behind, or when it is started again at the end of the fault.
void fault_player::harm(const fault& f, damage_kind how) {
  const bool passes = how == damage_kind::bad_sector && f.detail % 4 >= 2;
  const auto found = passes ? std::optional{replica_of(f)} : expendable(f);
  if (!found || !cluster_.is_running(*found)) return;
  const std::size_t replica = *found;
  const bool goes_on = f.detail % 2 == 0;
  if (!goes_on) cluster_.end(replica, ending::power_loss);
  const auto words = cluster_.harm(
      replica,
      how,
      prng{(f.group << 16U) ^ f.detail},
      passes ? permanence::passes : permanence::for_good);
  if (words) {
    const auto refused = once_more(replica, &disk_counts::reads_refused);
    took_effect(f.kind, [=, this] { return passes ? refused() : cluster_.is_lost(replica); });
    const sim_duration lasts = passes ? f.duration : 3'600 * second;
    tell(f, lasts, {cluster_.host_of_replica(replica)}, *words);
  }
  if (!goes_on) come_back(replica, 0);
  world_.after(f.duration, process_id{}, [this, replica, restarts = goes_on && words] {
    cluster_.mend(replica);
    if (!restarts || healed_) return;
    cluster_.end(replica, ending::killed);
    come_back(replica, 0);
  });
}

/// Its machine goes with it: there is no other that could take its place.
void fault_player::lose_disk(const fault& f) {
  // Whoever leads, if a majority can do without: followers are missed by nobody at first.
  fault aimed = f;
  aimed.target = cluster_.leader().value_or(f.target);
  const auto found = expendable(aimed);
  if (!found || cluster_.is_lost(*found)) return;
  ++fired_[f.kind];
  tell(f, 3'600 * second, {cluster_.host_of_replica(*found)}, "");
  if (end_replica(*found, ending::power_loss)) ++mattered_[f.kind];
  cluster_.lose(*found);
}

/// The target, or whoever comes next and may be lost for ever: a majority of the others must be
/// left, and not be left out of the core either.
std::optional<std::size_t> fault_player::expendable(const fault& f) const {
  const std::size_t count = cluster_.replicas();
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t candidate = (replica_of(f) + i) % count;
    std::size_t gone = 0;
    for (std::size_t other = 0; other < count; ++other) {
      if (!in_core(other) || other == candidate) ++gone;
    }
    if (gone <= (count - 1) / 2) return candidate;
  }
  return std::nullopt;
}

}  // namespace atomix::sim
