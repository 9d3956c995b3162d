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
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace atomix::sim {

class fault_player final : public fault_point_listener, public step_watcher {
 public:
  fault_player(world& w, network& n, cluster& c);
  fault_player(const fault_player&) = delete;
  fault_player& operator=(const fault_player&) = delete;
  ~fault_player() override;

  /// Puts all faults on the world's calendar. `core`: who is healed in the end (bits, by replica).
  void play(const fault_plan& plan, std::uint64_t core);
  /// The calm: in the core what is down is started and nothing is wrong any more. Whoever is
  /// outside of it stays down or cut off for ever (bit 32 + replica says which): the core must do
  /// without.
  void heal();
  /// Those whose logs or disks are gone for good are not. They and those who were left out from the
  /// start are a minority together.
  [[nodiscard]] bool in_core(std::size_t replica) const {
    return ((core_ >> replica) & 1U) != 0 && !cluster_.is_doomed(replica);
  }

  void reached(std::string_view point) override;
  void stepped(const raft::status& now, const raft::effects& out) override;
  /// How often each fault point was come by.
  [[nodiscard]] std::map<std::string, std::uint64_t> points() const;

  /// How often each kind took effect (a crash of what is down already does not count).
  [[nodiscard]] const std::map<fault_kind, std::uint64_t>& fired() const { return fired_; }
  /// How often it then changed something: a partition swallowed what was sent, a crash cost
  /// leadership or what was under way to the disk, damage was noticed. Asks for the last time of
  /// those that have not answered yet.
  [[nodiscard]] const std::map<fault_kind, std::uint64_t>& mattered();

 private:
  [[nodiscard]] fault aimed(fault f) const;
  void begin(const fault& f);
  void partition(const fault& f, const host_pairs& pairs);
  void end_replicas(const fault& f, std::uint64_t group, ending how);
  void crash_one(const fault& f, std::size_t replica, ending how);
  void change_links(const fault& f, const host_pairs& pairs, const link_quality& quality);
  void pause(const fault& f);
  void pause_client(const fault& f);
  void slow_disk(const fault& f);
  void fail_disk(const fault& f);
  void fill_disk(const fault& f);
  void open_half(const fault& f);
  void bend_clock(const fault& f);
  void strike(const fault& f);
  void worsen_links(const fault& f);
  // fault_damage.cpp
  void harm(const fault& f, damage_kind how);
  void lose_disk(const fault& f);
  [[nodiscard]] std::optional<std::size_t> expendable(const fault& f) const;
  // fault_hunt.cpp
  /// A fault that waits for its prey, and how it strikes: a generator of its own.
  struct hunting {
    fault f;
    sim_time end = 0;
    prng chance{0};
    std::map<std::size_t, sim_time> struck;  // replicas or clients, and until when
    std::map<std::size_t, term_t> awaited;   // leaders that are struck at their next append
  };
  void hunt(const fault& f);
  void go_after(hunting& h, std::size_t replica, const raft::status& now, const raft::effects& out);
  void go_after_newcomers(hunting& h);
  void go_after_client(hunting& h, const raft::effects& out);
  void strike_newcomer(const fault& one, prng& chance);
  void cut_off_next(const fault& cut);
  void strike_leader(const fault& one, prng& chance);
  void strike_candidate(const fault& one, prng& chance);
  void strike_soon(const fault& one, prng& chance, void (fault_player::*blow)(const fault&));
  void lose_power(const fault& one) { crash_one(one, one.target, ending::power_loss); }
  void kill(const fault& one) { crash_one(one, one.target, ending::killed); }
  void hinder_voters(const fault& one, prng& chance);
  [[nodiscard]] host_pairs strangling(std::size_t replica, prng& chance) const;
  void come_back(std::size_t replica, sim_duration after);
  // fault_effects.cpp
  using question = std::function<bool()>;
  std::size_t took_effect(fault_kind kind, question mattered);
  bool ask(std::size_t effect);
  void close(std::size_t effect);
  [[nodiscard]] bool end_replica(std::size_t replica, ending how);
  [[nodiscard]] question once_sent(const host_pairs& pairs, std::uint64_t link_counts::*what);
  [[nodiscard]] question once_more(std::size_t replica, std::uint64_t disk_counts::*what);
  [[nodiscard]] question once_worked(const std::vector<std::size_t>& replicas);
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
  std::map<fault_kind, std::uint64_t> mattered_;
  std::vector<std::pair<fault_kind, question>> effects_;  // empty question: answered
  std::map<std::size_t, sim_time> active_;  // replicas that last led or asked for votes
  fault_point_listener* heard_before_;
  struct passed_point {
    std::string_view name;  // never computed, so it lives for ever
    std::uint64_t times = 0;
  };
  std::vector<passed_point> points_;    // a dozen, come by a thousand times a second
  std::map<std::size_t, fault> armed_;  // replicas that end at a fault point
  std::vector<hunting> hunts_;
  host_pairs blocked_;  // as often as blocked
  std::uint64_t core_ = 0;
  bool healed_ = false;
};

}  // namespace atomix::sim
