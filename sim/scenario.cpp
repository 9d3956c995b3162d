// SPDX-License-Identifier: Apache-2.0
#include "sim/scenario.hpp"

#include "sim/knobs.hpp"
#include "sim/subject.hpp"

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <optional>
#include <tuple>
#include <utility>

namespace atomix::sim {
namespace {

constexpr sim_duration pause_between_calls = 250 * millisecond;

cluster_options draw_cluster(prng chance, const scenario_limits& limits) {
  cluster_options drawn;
  drawn.replicas = limits.nodes;
  drawn.clients = limits.clients;
  drawn.disks_lie = limits.disks_lie;
  drawn.drift_ppm = std::uint64_t{100} << chance.below(7);
  const auto scale = static_cast<unsigned>(chance.between(1, 3));
  drawn.timing.election_ticks = 20 * scale;
  drawn.timing.heartbeat_ticks = 4 * scale;
  return drawn;
}

link_quality draw_network(prng chance) {
  link_quality drawn;
  drawn.base = (std::uint64_t{50} << chance.below(7)) * microsecond;
  drawn.tail = drawn.base / 4 * chance.between(0, 8);
  // A third of all runs has connections as TCP has them, a third lets frames overtake each other,
  // a third loses and repeats a few all the time.
  const std::uint64_t kind = chance.below(3);
  if (kind >= 1) drawn.reordered_ppm = 20'000;
  if (kind == 2) drawn.lost_ppm = drawn.repeated_ppm = 2'000;
  return drawn;
}

/// As often as not everybody; else a majority, which must do without the others for good.
std::uint64_t draw_core(prng chance, std::size_t replicas) {
  if (chance.chance(1, 2)) return ~std::uint64_t{0};
  std::uint64_t core = (std::uint64_t{1} << replicas) - 1;
  for (std::size_t left = (replicas - 1) / 2; left > 0; --left)
    core &= ~(std::uint64_t{1} << chance.below(replicas));
  return core | (chance.next() << 32U);
}

/// Whoever is told of some replicas only can get to know the others as long as one of these is up:
/// in the end somebody of the core must be among them, and nobody may be lost before that.
std::uint64_t draw_untold(prng chance, const scenario& s) {
  const auto& faults = s.faults.faults;
  const bool some_are_lost = std::any_of(
      faults.begin(), faults.end(), [](const fault& f) { return costs_replicas(f.kind); });
  if (some_are_lost || chance.chance(1, 2)) return 0;
  const std::uint64_t all = (std::uint64_t{1} << s.cluster.replicas) - 1;
  // As often as not of a single one.
  const std::uint64_t one = std::uint64_t{1} << chance.below(s.cluster.replicas);
  const std::uint64_t untold = all & (chance.chance(1, 2) ? ~one : chance.next());
  return (s.core & all & ~untold) == 0 ? 0 : untold;
}

/// Each run leaves out some kinds of resource, one in eight all but one.
std::vector<std::size_t> draw_programs(prng chance, prng alone, std::size_t count) {
  std::vector<std::size_t> drawn;
  if (alone.chance(1, 8)) return {alone.below(count)};
  for (std::size_t i = 0; i < count; ++i) {
    if (chance.chance(3, 4)) drawn.push_back(i);
  }
  if (drawn.empty()) drawn.push_back(chance.below(count));
  return drawn;
}

/// All calls until `end` of the client and program that `call` names.
void add_calls(std::vector<planned_call>& calls, planned_call call, prng chance, sim_time end) {
  for (;;) {
    call.at += pause_between_calls / 4 + draw_exponential(chance, pause_between_calls * 3 / 4);
    if (call.at >= end) return;
    call.word = chance.next();
    calls.push_back(call);
  }
}

std::vector<planned_call> draw_calls(const world& w, const scenario_limits& limits) {
  std::vector<planned_call> calls;
  const auto programs =
      draw_programs(w.chance_for("programs"), w.chance_for("alone"), limits.programs);
  for (std::size_t client = 0; client < limits.clients; ++client) {
    for (const std::size_t program : programs) {
      const prng chance = w.chance_for(absl::StrCat("calls ", client, " ", program));
      add_calls(calls, {0, client, program, 0}, chance, limits.time);
    }
  }
  std::sort(calls.begin(), calls.end(), [](const auto& a, const auto& b) {
    return std::tie(a.at, a.client, a.program) < std::tie(b.at, b.client, b.program);
  });
  return calls;
}

/// One that lasts, once everybody has found back from the others; with time left to find back
/// again. Whether there is one.
bool strike_minority(scenario& drawn, const scenario_limits& limits, prng& chance) {
  const std::optional<sim_time> over = drawn.faults.end();
  if (!over) return false;
  const sim_time start = *over + time_to_find_back + chance.between(0, 1'000) * millisecond;
  if (start + time_to_find_back + 2 * second > limits.time) return false;
  const auto one =
      draw_lasting_fault(chance, {limits.time, limits.nodes, limits.clients, limits.kinds}, start);
  if (!one) return false;
  drawn.faults.faults.push_back(*one);
  // Then sessions outlive it, whoever is struck.
  if (chance.chance(1, 2)) drawn.cluster.session_timeout_ms = 10'000;
  return true;
}

}  // namespace

bool scenario::keeps_frames_in_order() const {
  // A frame with a flipped bit ends its connection; one that is lost or overtaken does not.
  const bool harmed = (network.lost_ppm | network.repeated_ppm | network.reordered_ppm) != 0;
  return !harmed && std::none_of(faults.faults.begin(), faults.faults.end(), [](const fault& f) {
    return f.kind == fault_kind::lossy;
  });
}

bool scenario::pauses_client(std::size_t client, sim_time at) const {
  return std::any_of(faults.faults.begin(), faults.faults.end(), [&](const fault& f) {
    return f.kind == fault_kind::client_paused && f.target % cluster.clients == client
           && f.start <= at && at <= f.start + f.duration;
  });
}

quiet_time scenario::quiet_time_until(sim_time now) const {
  const std::optional<sim_time> over = faults.end();
  if (!over || network.lost_ppm != 0) return {};
  const bool majority_left =
      std::all_of(faults.faults.begin(), faults.faults.end(), [&](const fault& f) {
        return !f.lasting || spares_majority(f, cluster.replicas);
      });
  if (!majority_left) return {};
  quiet_time quiet{*over + time_to_find_back, std::min(now, time)};
  for (const fault& f : faults.faults)
    if (f.lasting) quiet.blow = std::min(quiet.blow, f.start);
  // Who is told of few has met the others before.
  if (cluster.untold != 0 && quiet.blow < quiet.begin) return {};
  return quiet;
}

scenario draw_scenario(scenario_limits limits) {
  const world w{limits.seed};
  prng size = w.chance_for("size");
  const std::uint64_t nodes = size.below(8);
  const std::uint64_t clients = size.between(1, 6);
  // Five are as often as all others together: that is what most clusters have.
  if (limits.nodes == 0) limits.nodes = nodes == 0 || size.chance(1, 2) ? 5 : nodes;
  if (limits.clients == 0) limits.clients = clients;
  const bool own_programs = limits.programs != 0;
  if (!own_programs) limits.programs = catalog_topic().programs.size();
  scenario drawn;
  drawn.seed = limits.seed;
  drawn.time = limits.time;
  drawn.cluster = draw_cluster(w.chance_for("cluster"), limits);
  drawn.network = draw_network(w.chance_for("network"));
  draw_knobs(w.chance_for("knobs"), drawn.network, drawn.cluster);
  // Clients allow for clocks that differ by a tenth (`session_deadlines`); these may by half of
  // that.
  if (w.chance_for("drift").chance(1, 6)) drawn.cluster.drift_ppm = 25'000;
  drawn.cluster.before = earlier_life::draw(w.chance_for("earlier life"));
  const bool may_lose_power = limits.kinds.contains(fault_kind::power_loss);
  if (may_lose_power && w.chance_for("cut starts").chance(1, 3)) drawn.cluster.starts_until_cut = 4;
  if (!own_programs) draw_session_limits(w.chance_for("session limits"), drawn.cluster);
  // Now and then everything is quiet after the first quarter: what goes wrong by itself shows then.
  prng lulls = w.chance_for("quiet");
  const bool quiet = lulls.chance(1, 6);
  const sim_duration hindered = quiet ? limits.time / 4 : limits.time;
  drawn.faults = draw_fault_plan(
      w.chance_for("faults"), {hindered, limits.nodes, limits.clients, limits.kinds});
  prng lasting = w.chance_for("lasting");
  const bool struck = quiet && lasting.chance(2, 3) && strike_minority(drawn, limits, lasting);
  const auto& faults = drawn.faults.faults;
  if (std::any_of(faults.begin(), faults.end(), [](const fault& f) {
        return f.kind == fault_kind::hunted_leader;
      }))
    draw_short_appends(w.chance_for("short appends"), drawn.network, drawn.cluster);
  drawn.core = draw_core(w.chance_for("core"), limits.nodes);
  drawn.cluster.untold = draw_untold(w.chance_for("untold"), drawn);
  drawn.calls = draw_calls(w, limits);
  // And in every other of these runs clients are silent, too, from its middle on: only what is due
  // by itself goes on.
  if (quiet && !struck && lulls.chance(1, 2))
    std::erase_if(drawn.calls, [&](const planned_call& c) { return c.at > limits.time / 2; });
  return drawn;
}

}  // namespace atomix::sim
