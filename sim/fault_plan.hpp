// SPDX-License-Identifier: Apache-2.0
/// \file The schedule of faults of a run: drawn from the seed before the run begins, readable, and
/// independent of what happens while it is carried out.
#pragma once

#include "sim/time.hpp"

#include "raft/base/prng.hpp"

#include <absl/status/statusor.h>

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace atomix::sim {

enum class fault_kind : std::uint8_t {
  halves,            ///< partition into two groups, clients on either side
  isolated,          ///< one replica hears and is heard by nobody
  isolated_leader,   ///< the same, whoever leads at that moment
  one_way,           ///< one replica is heard but hears nothing, or the other way round
  bridge,            ///< two groups that only one replica joins
  ring,              ///< each replica reaches its two neighbours only
  chain,             ///< the same, but the ends do not meet
  star,              ///< replicas reach each other through none but one
  leader_sees_few,   ///< whoever leads at that moment reaches some of the replicas only
  partial,           ///< links of some replicas to others are cut, each way for itself
  client_cut,        ///< one client reaches no replica
  clients_cut,       ///< no client reaches any replica
  half_open,         ///< one replica's connections are gone at one end, and the other does not know
  clogged,           ///< what one replica sends and should hear arrives when the fault ends
  killed,            ///< processes of some replicas are killed and started again
  power_loss,        ///< machines of some replicas lose power and come back
  blackout,          ///< all of them lose power at once
  struck,            ///< a replica ends at the next fault point that it comes by
  stopped,           ///< one replica is stopped in order and started again
  paused,            ///< one replica's process stands still, its clock does not
  clock_jump,        ///< one replica's clock leaps ahead, as after a sleep of its machine
  clock_rate,        ///< one replica's clock runs at half to twice the speed
  lossy,             ///< frames are lost, repeated, reordered everywhere
  corrupting,        ///< bits flip on the way
  slow_link,         ///< all that one replica sends and hears takes long
  slow_disk,         ///< one replica's disk takes long
  failed_sync,       ///< one replica's next sync fails
  failed_write,      ///< one replica's next write fails, in part
  full_disk,         ///< one replica's disk has no more room
  hunted_leader,     ///< whoever comes to lead is struck, one after the other, for a while
  hunted_candidate,  ///< the same, whoever asks for votes
  bit_rot,           ///< a bit flips in the middle of one replica's log
  stray_write,       ///< a sector in the middle of one replica's log got what was meant for another
  bad_sector,        ///< a sector in the middle of one replica's log cannot be read
  lost_disk,         ///< one replica's machine is gone for good, and its disk with it
  client_paused,     ///< one client's process stands still, time and its sessions' do not
  hunted_newcomer,   ///< whoever's session is opened hears of it late, and is cut off then
};
[[nodiscard]] const std::vector<fault_kind>& all_fault_kinds();
[[nodiscard]] std::string_view to_string(fault_kind kind);
/// Faults that cost a replica for good: rare, or all others would meet small clusters only.
[[nodiscard]] constexpr bool costs_replicas(fault_kind kind) {
  return kind == fault_kind::bit_rot || kind == fault_kind::stray_write
         || kind == fault_kind::bad_sector || kind == fault_kind::lost_disk;
}

/// Whether `fault::target` is a client.
[[nodiscard]] constexpr bool aims_at_client(fault_kind kind) {
  return kind == fault_kind::client_cut || kind == fault_kind::client_paused;
}

/// "all", "none", or names separated by commas. Errors: invalid_argument, with the names there are.
[[nodiscard]] absl::StatusOr<std::set<fault_kind>> parse_fault_kinds(std::string_view text);

struct fault {
  fault_kind kind = fault_kind::halves;
  sim_time start = 0;
  sim_duration duration = 0;
  std::size_t target = 0;    ///< replica or client, modulo how many there are
  std::uint64_t group = 0;   ///< bits: who is in (hosts of a partition, replicas that crash)
  std::uint64_t detail = 0;  ///< what else was drawn: strength, direction, steps before a crash
  bool lasting = false;      ///< a majority must do without those whom it hinders
  friend bool operator==(const fault&, const fault&) = default;
};

struct fault_plan {
  std::vector<fault> faults;  ///< by start
  /// Whether some clock jumps or runs at another speed.
  [[nodiscard]] bool bends_clocks() const;
  /// When the last one ends, of those that do not last; none if one costs a replica for good.
  [[nodiscard]] std::optional<sim_time> end() const;
  /// One line per fault.
  [[nodiscard]] std::string to_string() const;
};

struct plan_limits {
  sim_duration duration = 0;  ///< no fault starts or lasts beyond
  std::size_t replicas = 5;
  std::size_t clients = 3;
  std::set<fault_kind> kinds;
};

/// Whether a majority of the replicas is not hindered by `f`, in nothing among themselves and with
/// clients.
[[nodiscard]] bool spares_majority(const fault& f, std::size_t replicas);

/// One that hinders a minority from `start` on until the end. None if no such kind is allowed, or
/// there is no minority.
[[nodiscard]] std::optional<fault> draw_lasting_fault(
    prng chance, const plan_limits& limits, sim_time start);

/// Swarm testing (Groce et al., ISSTA 2012): each run first drops half of the kinds, so that rare
/// mixes and long undisturbed runs of one kind come up too.
[[nodiscard]] fault_plan draw_fault_plan(prng chance, const plan_limits& limits);

}  // namespace atomix::sim
