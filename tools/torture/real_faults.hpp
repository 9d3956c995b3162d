// SPDX-License-Identifier: Apache-2.0
/// \file Carries out a fault plan on processes of this machine, and ends every fault it began.
#pragma once

#include "sim/fault_plan.hpp"
#include "sim/fault_shapes.hpp"
#include "sim/time.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "tools/local_cluster.hpp"
#include "tools/torture/fault_network.hpp"

namespace atomix::tools {

/// Those of the simulator's faults that can be brought about outside of it.
[[nodiscard]] const std::set<sim::fault_kind>& real_fault_kinds();

/// Used by one thread, the one that started the cluster. Times are those of the run.
class real_faults {
 public:
  real_faults(local_cluster& c, fault_network& n, std::size_t members)
      : cluster_(c), network_(n), members_(members) {}

  void play(const sim::fault_plan& plan);
  /// Does what is due, and says when something will be next.
  std::optional<sim::sim_time> run(sim::sim_time now);
  /// The calm: all members run and reach each other.
  void heal();
  /// Members that ended though nobody told them to, each with its exit code, or could not be
  /// started.
  [[nodiscard]] std::vector<std::string> troubles();
  [[nodiscard]] const std::map<sim::fault_kind, std::uint64_t>& fired() const { return fired_; }
  /// Called with each fault that takes effect, and whom it concerns; none: everybody.
  std::function<void(sim::sim_time, const sim::fault&, const std::vector<sim::host_id>&)> tell;
  /// Called when a member is "serving", "paused" or "down" from now on.
  std::function<void(sim::sim_time, std::size_t member, const char* state)> tell_member;

 private:
  struct member {
    bool down = false;
    bool paused = false;
  };
  void begin(const sim::fault& f);
  void partition(const sim::fault& f);
  void harm_links(const sim::fault& f);
  void end_members(const sim::fault& f, std::uint64_t group, int signal);
  void pause(const sim::fault& f);
  void start(std::size_t place);
  void took_effect(const sim::fault& f, const std::vector<sim::host_id>& hosts);
  void is_now(std::size_t place, const char* state);
  void after(sim::sim_duration wait, std::function<void()> what);
  [[nodiscard]] std::optional<sim::host_id> leader() const;
  [[nodiscard]] sim::host_counts hosts() const { return {members_.size(), 1}; }

  local_cluster& cluster_;
  fault_network& network_;
  std::vector<member> members_;
  std::multimap<sim::sim_time, std::function<void()>> calendar_;
  sim::sim_time now_ = 0;
  bool healed_ = false;
  std::map<sim::fault_kind, std::uint64_t> fired_;
  std::vector<std::string> troubles_;
};

}  // namespace atomix::tools
