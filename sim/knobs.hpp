// SPDX-License-Identifier: Apache-2.0
/// \file The sizes, limits and timeouts of a simulated cluster, as a list: what files name, what
/// runs draw, and what shrinkers set back to what is usual.
#pragma once

#include "sim/cluster.hpp"
#include "sim/links.hpp"

#include "raft/base/prng.hpp"

#include <cstddef>
#include <cstdint>

namespace atomix::sim {

inline constexpr std::uint64_t segment_bytes_min = 4U << 10U;

/// Calls `visit(name, number)` for each of them, always in this order.
template <class Options, class Visit>
void each_knob(Options& o, Visit visit) {
  visit("election_ticks", o.timing.election_ticks);
  visit("heartbeat_ticks", o.timing.heartbeat_ticks);
  visit("append_bytes_max", o.timing.append_bytes_max);
  visit("inflight_bytes_max", o.timing.inflight_bytes_max);
  visit("cache_bytes_max", o.timing.cache_bytes_max);
  visit("session_timeout_ms", o.session_timeout_ms);
  visit("segment_bytes", o.segment_bytes);
  visit("replies_max", o.sessions.replies_max);
  visit("events_max", o.sessions.events_max);
  visit("calls_bytes_max", o.calls_bytes_max);
  visit("earlier_term", o.before.term);
  visit("earlier_ms", o.before.time_ms);
  visit("untold", o.untold);
  visit("starts_until_cut", o.starts_until_cut);
  visit("grain_ns", o.grain);
  visit("step_ns", o.step);
}

[[nodiscard]] std::size_t count_of_knobs();
/// Whether the timeouts of `o` fit together, and nothing is beyond what numbers can hold.
[[nodiscard]] bool are_sound(const cluster_options& o);
/// Sets knob `which`, as `each_knob` counts them, to what clusters usually have.
void make_usual(cluster_options& o, std::size_t which);

/// Swarm testing (Groce et al., ISSTA 2012): half of all runs have everything as usual, in the
/// others each knob is turned down to the least as often as not. What fits into one append follows
/// the network and the grain: after the faults, who is behind must catch up within the time that
/// the checks give.
void draw_knobs(prng chance, const link_quality& network, cluster_options& drawn);
/// Where leaders are hunted: with one entry in each append they fall between two of them, so that
/// followers differ by what an append ends with (paper figure 8). On fast networks only, as above.
void draw_short_appends(prng chance, const link_quality& network, cluster_options& drawn);
/// The limits of sessions are part of what clients are promised: only programs that put up with
/// refusals meet small ones.
void draw_session_limits(prng chance, cluster_options& drawn);

}  // namespace atomix::sim
