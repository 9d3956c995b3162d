// SPDX-License-Identifier: Apache-2.0
#include "sim/knobs.hpp"

#include <algorithm>
#include <cstdint>
#include <vector>

namespace atomix::sim {
namespace {

constexpr sim_duration near_by = 400 * microsecond;
// An entry at a time takes a hop at a time, and a hop takes a grain at least: above this, clients
// call for more than such appends carry, and wait for each other, not for a fault.
constexpr sim_duration fine_grain = millisecond;
constexpr std::uint64_t some_entries = 2U << 10U;

std::vector<std::uint64_t> usual_values() {
  const cluster_options usual;
  std::vector<std::uint64_t> values;
  each_knob(usual, [&](const char*, const auto& number) { values.push_back(number); });
  return values;
}

/// From `least` on in steps of `factor`, evenly.
std::uint64_t one_of(prng& chance, std::uint64_t least, std::uint64_t factor, unsigned steps) {
  for (std::uint64_t step = chance.below(steps); step > 0; --step)
    least *= factor;
  return least;
}

}  // namespace

std::size_t count_of_knobs() {
  return usual_values().size();
}

bool are_sound(const cluster_options& o) {
  return o.grain > 0 && o.timing.heartbeat_ticks > 0
         && 2 * o.timing.heartbeat_ticks <= o.timing.election_ticks
         && ((o.before.term | o.before.time_ms) >> 62U) == 0;
}

void make_usual(cluster_options& o, std::size_t which) {
  const std::vector<std::uint64_t> usual = usual_values();
  std::size_t at = 0;
  each_knob(o, [&]<class Number>(const char*, Number& number) {
    if (at == which) number = static_cast<Number>(usual[at]);
    ++at;
  });
}

void draw_knobs(prng chance, const link_quality& network, cluster_options& drawn) {
  drawn.session_timeout_ms = one_of(chance, 2'500, 2, 3);
  if (chance.chance(1, 2)) return;
  const bool near = network.base <= near_by;
  const auto turned = [&] {
    return chance.chance(1, 2);
  };
  if (turned()) drawn.segment_bytes = one_of(chance, segment_bytes_min, 2, 3);
  // One entry, up to five, up to twenty; and one append on its way, or a few.
  const std::uint64_t least = near ? 1 : some_entries;
  if (turned()) drawn.timing.append_bytes_max = one_of(chance, least, near ? 24 : 2, 3);
  if (turned()) drawn.timing.inflight_bytes_max = one_of(chance, least, near ? 24 : 2, 3);
  if (turned()) drawn.timing.cache_bytes_max = one_of(chance, 1, 16, 4);
  if (turned()) drawn.grain = one_of(chance, 100 * microsecond, 7, 3);
  if (drawn.grain > fine_grain) {
    auto& t = drawn.timing;
    t.append_bytes_max = std::max(t.append_bytes_max, some_entries);
    t.inflight_bytes_max = std::max(t.inflight_bytes_max, some_entries);
  }
  if (turned()) drawn.step = one_of(chance, 5 * microsecond, 5, 3);
  if (!turned()) return;
  // So short that a slow sync costs an election, or so long that clients give up first.
  const bool hasty = near && turned();
  drawn.timing.election_ticks = static_cast<unsigned>(hasty ? chance.between(5, 12) : 100);
  drawn.timing.heartbeat_ticks = static_cast<unsigned>(hasty ? chance.between(1, 2) : 20);
}

void draw_short_appends(prng chance, const link_quality& network, cluster_options& drawn) {
  const bool fast = network.base <= near_by && drawn.grain <= fine_grain;
  if (fast && chance.chance(1, 2)) drawn.timing.append_bytes_max = 1;
}

void draw_session_limits(prng chance, cluster_options& drawn) {
  if (chance.chance(1, 2)) return;
  if (chance.chance(1, 2)) drawn.sessions.replies_max = one_of(chance, 8, 4, 3);
  if (chance.chance(1, 2)) drawn.sessions.events_max = one_of(chance, 4, 8, 3);
  // Some calls at once at least, so that what is never given back runs out soon.
  if (chance.chance(1, 2)) drawn.calls_bytes_max = one_of(chance, 1U << 10U, 8, 2);
}

}  // namespace atomix::sim
