// SPDX-License-Identifier: Apache-2.0
#include "sim/fault_player.hpp"

#include <absl/status/status.h>
#include <absl/strings/str_cat.h>

#include <algorithm>

namespace atomix::sim {

void fault_player::play(const fault_plan& plan) {
  for (const fault& f : plan.faults) {
    world_.at(f.start, process_id{}, [this, f] {
      if (!healed_) begin(f);
    });
  }
}

void fault_player::heal() {
  healed_ = true;
  for (const auto& [from, to] : blocked_)
    network_.paths().unblock(from, to);
  blocked_.clear();
  for (const auto& [from, to] : everywhere())
    network_.paths().reset_quality(from, to);
  network_.paths().set_normal({});
  for (std::size_t i = 0; i < cluster_.replicas(); ++i) {
    cluster_.unpause(i);
    cluster_.manner_of(i).slower = 1;
    if (!cluster_.is_running(i)) cluster_.start(i);
  }
}

void fault_player::begin(const fault& f) {
  world_.note(trace_kind::fault, process_id{}, static_cast<std::uint64_t>(f.kind), [&] {
    return absl::StrCat(std::string{to_string(f.kind)}, " target=", f.target, " group=", f.group);
  });
  switch (f.kind) {
    case fault_kind::halves:
    case fault_kind::isolated:
    case fault_kind::isolated_leader:
    case fault_kind::one_way:
    case fault_kind::bridge:
    case fault_kind::client_cut:
      return partition(f, pairs_of(f));
    case fault_kind::killed:
      return end_replicas(f, f.group, ending::killed);
    case fault_kind::power_loss:
      return end_replicas(f, f.group, ending::power_loss);
    case fault_kind::blackout:
      return end_replicas(f, ~std::uint64_t{0}, ending::power_loss);
    case fault_kind::stopped:
      return crash_one(f, replica_of(f), ending::stopped);
    case fault_kind::paused:
      return pause(f);
    case fault_kind::lossy:
    case fault_kind::corrupting:
    case fault_kind::slow_link: {
      link_quality worse = network_.paths().normal();
      const auto strength = static_cast<std::uint32_t>(f.detail % 4 + 1);
      if (f.kind == fault_kind::slow_link) {
        worse.base = f.detail * 4 * millisecond;
        worse.tail = f.detail * millisecond;
        return change_links(f, around(cluster_.host_of_replica(replica_of(f))), worse);
      }
      if (f.kind == fault_kind::corrupting) {
        worse.corrupt_ppm = strength * 1'000;
      } else {
        worse.lost_ppm = strength * strength * 10'000;
        worse.repeated_ppm = strength * 20'000;
        worse.reordered_ppm = strength * 50'000;
      }
      return change_links(f, everywhere(), worse);
    }
    case fault_kind::slow_disk:
      return slow_disk(f);
    case fault_kind::failed_sync:
      return fail_sync(f);
  }
}

void fault_player::partition(const fault& f, const blocked_pairs& pairs) {
  if (pairs.empty()) return;
  ++fired_[f.kind];
  for (const auto& [from, to] : pairs)
    network_.paths().block(from, to);
  blocked_.insert(blocked_.end(), pairs.begin(), pairs.end());
  world_.after(f.duration, process_id{}, [this, pairs] {
    if (healed_) return;
    for (const auto& pair : pairs) {
      network_.paths().unblock(pair.first, pair.second);
      blocked_.erase(std::find(blocked_.begin(), blocked_.end(), pair));
    }
  });
}

fault_player::blocked_pairs fault_player::pairs_of(const fault& f) const {
  const host_id one = cluster_.host_of_replica(replica_of(f));
  const host_id nobody = network_.paths().hosts();
  switch (f.kind) {
    case fault_kind::isolated:
      return around(one);
    case fault_kind::isolated_leader: {
      const auto leader = cluster_.leader();
      return leader ? around(cluster_.host_of_replica(*leader)) : blocked_pairs{};
    }
    case fault_kind::one_way: {
      blocked_pairs pairs = around(one);
      std::erase_if(pairs, [&](const auto& pair) {
        return (f.detail % 2 == 0 ? pair.first : pair.second) == one;
      });
      return pairs;
    }
    case fault_kind::client_cut:
      return around(cluster_.host_of_client(f.target % cluster_.clients()));
    case fault_kind::bridge:
      return across(f.group, one);
    default:
      return across(f.group, nobody);
  }
}

fault_player::blocked_pairs fault_player::around(host_id one) const {
  blocked_pairs pairs;
  for (host_id other = 0; other < network_.paths().hosts(); ++other) {
    if (other == one) continue;
    pairs.emplace_back(one, other);
    pairs.emplace_back(other, one);
  }
  return pairs;
}

fault_player::blocked_pairs fault_player::across(std::uint64_t group, host_id bridge) const {
  blocked_pairs pairs;
  for (const auto& pair : everywhere()) {
    const bool same = ((group >> pair.first) & 1U) == ((group >> pair.second) & 1U);
    if (!same && pair.first != bridge && pair.second != bridge) pairs.push_back(pair);
  }
  return pairs;
}

fault_player::blocked_pairs fault_player::everywhere() const {
  blocked_pairs pairs;
  const std::size_t hosts = network_.paths().hosts();
  for (host_id from = 0; from < hosts; ++from) {
    for (host_id to = 0; to < hosts; ++to) {
      if (from != to) pairs.emplace_back(from, to);
    }
  }
  return pairs;
}

void fault_player::change_links(
    const fault& f, const blocked_pairs& pairs, const link_quality& quality) {
  ++fired_[f.kind];
  for (const auto& [from, to] : pairs)
    network_.paths().set_quality(from, to, quality);
  // Of two that overlap the first to end ends both.
  world_.after(f.duration, process_id{}, [this, pairs] {
    for (const auto& [from, to] : pairs)
      network_.paths().reset_quality(from, to);
  });
}

void fault_player::end_replicas(const fault& f, std::uint64_t group, ending how) {
  for (std::size_t i = 0; i < cluster_.replicas(); ++i) {
    if (((group >> i) & 1U) != 0) crash_one(f, i, how);
  }
}

void fault_player::crash_one(const fault& f, std::size_t replica, ending how) {
  if (!cluster_.is_running(replica)) return;
  ++fired_[f.kind];
  // Every other crash comes in the middle of what the actors are doing, not when all are at rest.
  const std::uint64_t steps =
      f.kind == fault_kind::blackout || f.detail % 2 == 0 ? 0 : f.detail / 2;
  world_.after_actor_steps(steps, [this, replica, how, down = f.duration] {
    cluster_.end(replica, how);
    // An end in order takes its time, so the return is counted from when it began.
    world_.after(down + 60 * millisecond, process_id{}, [this, replica] {
      if (!cluster_.is_running(replica)) cluster_.start(replica);
    });
  });
}

void fault_player::pause(const fault& f) {
  const std::size_t replica = replica_of(f);
  if (!cluster_.is_running(replica)) return;
  ++fired_[f.kind];
  cluster_.pause(replica);
  world_.after(f.duration, process_id{}, [this, replica] { cluster_.unpause(replica); });
}

void fault_player::slow_disk(const fault& f) {
  ++fired_[f.kind];
  disk_manner& manner = cluster_.manner_of(replica_of(f));
  manner.slower = 4 + f.detail * f.detail / 4;
  world_.after(f.duration, process_id{}, [&manner] { manner.slower = 1; });
}

void fault_player::fail_sync(const fault& f) {
  if (!cluster_.is_running(replica_of(f))) return;
  ++fired_[f.kind];
  cluster_.disk_of(replica_of(f))
      .fail_next_sync(absl::InternalError("The device reports an error."));
}

}  // namespace atomix::sim
