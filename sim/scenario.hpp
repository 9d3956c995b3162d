// SPDX-License-Identifier: Apache-2.0
/// \file The explicit part of a run: the cluster, its knobs, the faults and the calls of clients,
/// all drawn before anything happens. What is left to chance after that is *noise* (delays, who
/// runs next), keyed by place and count: so one fault or call can be taken away and the rest of the
/// world stays as it was. That is what makes shrinking work.
#pragma once

#include "sim/cluster.hpp"
#include "sim/fault_plan.hpp"
#include "sim/links.hpp"
#include "sim/quiet_time.hpp"
#include "sim/time.hpp"

#include <cstdint>
#include <set>
#include <vector>

namespace atomix::sim {

/// At that time, unless the one before is still under way, a client's program calls something; what
/// follows from `word`.
struct planned_call {
  sim_time at = 0;
  std::size_t client = 0;
  std::size_t program = 0;  ///< position in `topic::programs`
  std::uint64_t word = 0;
  friend bool operator==(const planned_call&, const planned_call&) = default;
};

struct scenario {
  std::uint64_t seed = 1;  ///< of the noise
  sim_duration time = 0;   ///< with faults and calls; a calm end follows
  cluster_options cluster;
  link_quality network;  ///< of every link that no fault is at
  /// Every frame takes as long as any other, and nobody is overtaken.
  bool calm_noise = false;
  /// Bits: who is healed in the end; bit 32 + i: who of the others is down for ever instead of cut
  /// off. A majority.
  std::uint64_t core = ~std::uint64_t{0};
  fault_plan faults;
  std::vector<planned_call> calls;  ///< by time

  /// Whether every connection is like one of TCP: whole and in order until it ends, unless a
  /// partition swallows a part and it goes on (`network::has_gaps`).
  [[nodiscard]] bool keeps_frames_in_order() const;
  /// Whether a fault makes that client stand still at that time.
  [[nodiscard]] bool pauses_client(std::size_t client, sim_time at) const;
  /// Between its faults and the calm end, or `now`; but for one that lasts and spares a majority.
  /// None on a network that loses frames.
  [[nodiscard]] quiet_time quiet_time_until(sim_time now) const;
};

/// What a scenario is drawn from.
struct scenario_limits {
  std::uint64_t seed = 1;
  sim_duration time = 60 * second;
  std::size_t nodes = 5;    ///< 0: drawn, 1 to 7
  std::size_t clients = 3;  ///< 0: drawn, 1 to 6
  std::set<fault_kind> kinds;
  bool disks_lie = false;
  std::size_t programs = 0;  ///< kinds of programs there are; 0: those of the catalog
};

[[nodiscard]] scenario draw_scenario(scenario_limits limits);

}  // namespace atomix::sim
