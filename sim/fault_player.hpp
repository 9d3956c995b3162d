// SPDX-License-Identifier: Apache-2.0
/// \file Carries out a fault plan on a cluster, and ends every fault it began.
#pragma once

#include "sim/cluster.hpp"
#include "sim/fault_plan.hpp"
#include "sim/fault_shapes.hpp"
#include "sim/network.hpp"
#include "sim/world.hpp"

#include "raft/base/fault_point.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace atomix::sim {

class fault_player final : public fault_point_listener {
 public:
  fault_player(world& w, network& n, cluster& c)
      : world_(w), network_(n), cluster_(c), heard_before_(listen_to_fault_points(this)) {}
  fault_player(const fault_player&) = delete;
  fault_player& operator=(const fault_player&) = delete;
  ~fault_player() override { listen_to_fault_points(heard_before_); }

  /// Puts all faults on the world's calendar.
  void play(const fault_plan& plan);
  /// The calm: in the core (bits, by replica) what is down is started and nothing is wrong any
  /// more. Whoever is outside of it stays down or cut off for ever (bit 32 + replica says which):
  /// the core must do without.
  void heal(std::uint64_t core);
  [[nodiscard]] bool in_core(std::size_t replica) const { return ((core_ >> replica) & 1U) != 0; }

  void reached(std::string_view point) override;
  /// How often each fault point was come by.
  [[nodiscard]] const std::map<std::string, std::uint64_t>& points() const { return points_; }

  /// How often each kind took effect (a crash of what is down already does not count).
  [[nodiscard]] const std::map<fault_kind, std::uint64_t>& fired() const { return fired_; }

 private:
  void begin(const fault& f);
  void partition(const fault& f, const host_pairs& pairs);
  void end_replicas(const fault& f, std::uint64_t group, ending how);
  void crash_one(const fault& f, std::size_t replica, ending how);
  void change_links(const fault& f, const host_pairs& pairs, const link_quality& quality);
  void pause(const fault& f);
  void slow_disk(const fault& f);
  void fail_disk(const fault& f);
  void fill_disk(const fault& f);
  void open_half(const fault& f);
  void bend_clock(const fault& f);
  void strike(const fault& f);
  void worsen_links(const fault& f);
  void come_back(std::size_t replica, sim_duration after);
  void leave_out(std::size_t replica);
  // For the record of the run, if there is one. No hosts: everybody.
  void tell(
      const fault& f,
      sim_duration lasts,
      const std::vector<host_id>& hosts,
      std::string words) const;
  void tell_partition(const fault& f, const host_pairs& pairs) const;

  [[nodiscard]] host_counts hosts() const { return {cluster_.replicas(), cluster_.clients()}; }
  [[nodiscard]] std::size_t replica_of(const fault& f) const {
    return f.target % cluster_.replicas();
  }

  world& world_;
  network& network_;
  cluster& cluster_;
  std::map<fault_kind, std::uint64_t> fired_;
  fault_point_listener* heard_before_;
  std::map<std::string, std::uint64_t> points_;
  std::map<std::size_t, fault> armed_;  // replicas that end at a fault point
  host_pairs blocked_;                  // as often as blocked
  std::uint64_t core_ = 0;
  bool healed_ = false;
};

}  // namespace atomix::sim
