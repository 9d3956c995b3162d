// SPDX-License-Identifier: Apache-2.0
/// \file Carries out a fault plan on a cluster, and ends every fault it began.
#pragma once

#include "sim/cluster.hpp"
#include "sim/fault_plan.hpp"
#include "sim/network.hpp"
#include "sim/world.hpp"

#include <cstdint>
#include <map>
#include <utility>
#include <vector>

namespace atomix::sim {

class fault_player {
 public:
  fault_player(world& w, network& n, cluster& c) : world_(w), network_(n), cluster_(c) {}
  fault_player(const fault_player&) = delete;
  fault_player& operator=(const fault_player&) = delete;

  /// Puts all faults on the world's calendar.
  void play(const fault_plan& plan);
  /// The calm: what is down is started, nothing is wrong any more, from now on.
  void heal();

  /// How often each kind took effect (a crash of what is down already does not count).
  [[nodiscard]] const std::map<fault_kind, std::uint64_t>& fired() const { return fired_; }

 private:
  using blocked_pairs = std::vector<std::pair<host_id, host_id>>;

  void begin(const fault& f);
  void partition(const fault& f, const blocked_pairs& pairs);
  void end_replicas(const fault& f, std::uint64_t group, ending how);
  void crash_one(const fault& f, std::size_t replica, ending how);
  void change_links(const fault& f, const blocked_pairs& pairs, const link_quality& quality);
  void pause(const fault& f);
  void slow_disk(const fault& f);
  void fail_sync(const fault& f);

  [[nodiscard]] blocked_pairs pairs_of(const fault& f) const;
  [[nodiscard]] blocked_pairs around(host_id one) const;
  [[nodiscard]] blocked_pairs across(std::uint64_t group, host_id bridge) const;
  [[nodiscard]] blocked_pairs everywhere() const;
  [[nodiscard]] std::size_t replica_of(const fault& f) const {
    return f.target % cluster_.replicas();
  }

  world& world_;
  network& network_;
  cluster& cluster_;
  std::map<fault_kind, std::uint64_t> fired_;
  blocked_pairs blocked_;  // as often as blocked
  bool healed_ = false;
};

}  // namespace atomix::sim
