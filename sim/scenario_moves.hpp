// SPDX-License-Identifier: Apache-2.0
/// \file How a scenario becomes smaller, one step at a time: what shrinkers try.
#pragma once

#include "sim/scenario.hpp"
#include "sim/time.hpp"

#include "raft/base/prng.hpp"

#include <cstddef>
#include <vector>

namespace atomix::sim {

/// Ends at `end`: what would begin later is left out.
[[nodiscard]] scenario ending_at(scenario s, sim_time end);
/// What lies from `begin` to `end` is left out, and what comes behind moves up; of faults that
/// reach into it only the part outside is left. Requires: begin < end <= its time.
[[nodiscard]] scenario without_time(scenario s, sim_time begin, sim_time end);
/// Of `count` calls, one after the other, the first is left.
[[nodiscard]] scenario with_one_call_of(scenario s, std::size_t count);
/// Some calls and faults are only there because they push a call to the moment at which a fault
/// hits it: without them it has to be called just before that. So: each of a few calls alone,
/// before each of a few faults begins; and once it is the only one, with that fault alone, as long
/// as it lasts or long enough for anybody to give up.
[[nodiscard]] std::vector<scenario> with_one_call_before_a_fault(const scenario& s);
/// With the smallest segments: what happens when one is full happens after fewer calls.
[[nodiscard]] scenario with_small_segments(scenario s);
/// Everything begins so much sooner. Requires: nothing begins before `by`.
[[nodiscard]] scenario begun_earlier(scenario s, sim_duration by);
/// When its first fault or call begins; 0 if there is none.
[[nodiscard]] sim_time first_start(const scenario& s);
/// Those behind `client` move up. Requires: it is not the only one.
[[nodiscard]] scenario without_client(scenario s, std::size_t client);
/// Requires: it is not the only one.
[[nodiscard]] scenario without_last_replica(scenario s);
/// On a network where everything takes equally long, with clocks that agree.
[[nodiscard]] scenario calmed(scenario s);
/// With what clusters usually have: all knobs, then each by itself. Those of `s` that are usual
/// already come up in none.
[[nodiscard]] std::vector<scenario> more_usual(const scenario& s);

/// Without the items from `begin` to `end`.
template <class List>
[[nodiscard]] scenario without_items(scenario s, List list_of, std::size_t begin, std::size_t end) {
  auto& list = list_of(s);
  list.erase(
      list.begin() + static_cast<std::ptrdiff_t>(begin),
      list.begin() + static_cast<std::ptrdiff_t>(end));
  return s;
}

/// What happens in 1 to 8 seconds of it, by itself, with other noise; as often as not on 3
/// replicas, of which all or all but one must answer in the end, and with one client.
[[nodiscard]] scenario part_of(const scenario& s, prng& chance);
/// Whether somebody sees at once what happens: at most 3 replicas, 4 faults and 6 calls.
[[nodiscard]] bool has_few(const scenario& s);

/// All that can be done to it in one step, the most promising first.
[[nodiscard]] std::vector<scenario> smaller_ones(const scenario& s);

}  // namespace atomix::sim
