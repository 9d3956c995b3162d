// SPDX-License-Identifier: Apache-2.0
#include "sim/scenario_moves.hpp"

#include "sim/knobs.hpp"

#include <algorithm>
#include <cstdint>
#include <utility>

namespace atomix::sim {
namespace {

constexpr std::size_t few = 16;
constexpr std::size_t few_replicas = 3;
constexpr std::size_t few_faults = 4;
constexpr std::size_t few_calls = 6;

/// Halves, quarters and eighths of a list are left out; if it is short, every single item.
template <class List>
void remove_chunks(const scenario& s, List list_of, std::vector<scenario>& smaller) {
  scenario measured = s;
  const std::size_t count = list_of(measured).size();
  if (count == 0) return;
  std::vector<std::size_t> chunks{count, (count + 1) / 2, (count + 3) / 4, (count + 7) / 8};
  if (count <= few) chunks.push_back(1);
  chunks.erase(std::unique(chunks.begin(), chunks.end()), chunks.end());
  for (const std::size_t chunk : chunks) {
    for (std::size_t end = count; end > 0; end -= std::min(end, chunk))
      smaller.push_back(without_items(s, list_of, end > chunk ? end - chunk : 0, end));
  }
}

// Who is in a group, after that host is no more: clients' bits come behind those of replicas.
std::uint64_t without_bit(std::uint64_t group, std::size_t bit) {
  const std::uint64_t low = (std::uint64_t{1} << bit) - 1;
  return (group & low) | ((group >> 1U) & ~low);
}

/// Everybody, or all but one. Whoever was told of some replicas only needs them all.
std::uint64_t some_core(const scenario& s, prng& chance) {
  const bool everybody = chance.chance(1, 2);
  const std::uint64_t left_out = chance.below(s.cluster.replicas);
  if (everybody || s.cluster.replicas < few_replicas || s.cluster.untold != 0)
    return ~std::uint64_t{0};
  const std::uint64_t down_for_good = chance.next() << 32U;
  return (((std::uint64_t{1} << s.cluster.replicas) - 1) & ~(std::uint64_t{1} << left_out))
         | down_for_good;
}

}  // namespace

scenario ending_at(scenario s, sim_time end) {
  s.time = end;
  std::erase_if(s.faults.faults, [&](const fault& f) { return f.start >= end; });
  std::erase_if(s.calls, [&](const planned_call& c) { return c.at >= end; });
  return s;
}

scenario without_time(scenario s, sim_time begin, sim_time end) {
  const auto moved = [&](sim_time at) {
    return at < begin ? at : std::max(at, end) - (end - begin);
  };
  std::erase_if(s.faults.faults, [&](const fault& f) {
    return f.start >= begin && f.start + f.duration <= end;
  });
  for (fault& f : s.faults.faults) {
    const sim_time over = moved(f.start + f.duration);
    f.start = moved(f.start);
    f.duration = over - f.start;
  }
  std::erase_if(s.calls, [&](const planned_call& c) { return c.at >= begin && c.at < end; });
  for (planned_call& c : s.calls)
    c.at = moved(c.at);
  s.time = moved(s.time);
  return s;
}

scenario with_one_call_of(scenario s, std::size_t count) {
  std::size_t number = 0;
  std::erase_if(s.calls, [&](const planned_call&) { return number++ % count != 0; });
  return s;
}

std::vector<scenario> with_one_call_before_a_fault(const scenario& s) {
  constexpr std::size_t so_few = 8;  // each is tried with each
  constexpr sim_duration long_enough = 6 * second;
  std::vector<scenario> all;
  const auto& faults = s.faults.faults;
  const bool is_alone = s.calls.size() == 1;
  if (s.calls.size() > so_few || faults.size() > so_few || (is_alone && faults.size() == 1))
    return all;
  const auto add = [&](const planned_call& call, const fault& f) {
    for (const sim_duration before : {1U, 2U, 4U, 8U, 16U}) {
      scenario& fewer = all.emplace_back(s);
      fewer.calls = {call};
      fewer.calls.front().at = f.start - std::min<sim_duration>(f.start, before * millisecond);
      if (!is_alone) continue;
      fewer.faults.faults = {fault{f}};
      // With the others at hand it needed to last for a part only of what it must alone.
      scenario longer = fewer;
      longer.faults.faults.front().duration = std::max(f.duration, long_enough);
      longer.time = std::max(s.time, f.start + longer.faults.faults.front().duration + 1 * second);
      all.push_back(std::move(longer));
    }
  };
  for (const planned_call& call : s.calls) {
    for (const fault& f : faults)
      add(call, f);
  }
  return all;
}

scenario with_small_segments(scenario s) {
  s.cluster.segment_bytes = segment_bytes_min;
  return s;
}

scenario begun_earlier(scenario s, sim_duration by) {
  s.time -= by;
  for (fault& f : s.faults.faults)
    f.start -= by;
  for (planned_call& c : s.calls)
    c.at -= by;
  return s;
}

sim_time first_start(const scenario& s) {
  sim_time first = s.time;
  for (const fault& f : s.faults.faults)
    first = std::min(first, f.start);
  for (const planned_call& c : s.calls)
    first = std::min(first, c.at);
  return s.faults.faults.empty() && s.calls.empty() ? 0 : first;
}

scenario without_client(scenario s, std::size_t client) {
  for (fault& f : s.faults.faults) {
    f.group = without_bit(f.group, s.cluster.replicas + client);
    if (!aims_at_client(f.kind)) continue;
    f.target %= s.cluster.clients;
    if (f.target > client) --f.target;
  }
  --s.cluster.clients;
  std::erase_if(s.calls, [&](const planned_call& c) { return c.client == client; });
  for (planned_call& c : s.calls)
    c.client -= c.client > client ? 1 : 0;
  return s;
}

scenario without_last_replica(scenario s) {
  for (fault& f : s.faults.faults) {
    if (!aims_at_client(f.kind)) f.target %= s.cluster.replicas;
    f.group = without_bit(f.group, s.cluster.replicas - 1);
  }
  --s.cluster.replicas;
  s.core = ~std::uint64_t{0};
  return s;
}

scenario calmed(scenario s) {
  s.calm_noise = true;
  s.network = {.base = 1 * millisecond, .tail = 0};
  s.cluster.drift_ppm = 0;
  return s;
}

std::vector<scenario> more_usual(const scenario& s) {
  const auto values_of = [](const cluster_options& o) {
    std::vector<std::uint64_t> values;
    each_knob(o, [&](const char*, const auto& number) { values.push_back(number); });
    return values;
  };
  const auto before = values_of(s.cluster);
  std::vector<scenario> all;
  scenario usual = s;
  for (std::size_t knob = 0; knob < before.size(); ++knob) {
    scenario one = s;
    make_usual(one.cluster, knob);
    make_usual(usual.cluster, knob);
    if (values_of(one.cluster) != before && are_sound(one.cluster)) all.push_back(std::move(one));
  }
  if (values_of(usual.cluster) != before) all.insert(all.begin(), std::move(usual));
  return all;
}

scenario part_of(const scenario& s, prng& chance) {
  const sim_duration length = std::min(s.time, (1 * second) << chance.below(4));
  const sim_time begin = chance.between(0, s.time - length);
  scenario part = ending_at(s, begin + length);
  if (begin != 0) part = without_time(std::move(part), 0, begin);
  part.seed = chance.next();
  if (chance.chance(1, 2)) {
    while (part.cluster.replicas > few_replicas)
      part = without_last_replica(std::move(part));
    part.core = some_core(part, chance);
  }
  if (chance.chance(1, 2)) {
    while (part.cluster.clients > 1)
      part = without_client(part, part.cluster.clients - 1);
  }
  return part;
}

bool has_few(const scenario& s) {
  return s.cluster.replicas <= few_replicas && s.faults.faults.size() <= few_faults
         && s.calls.size() <= few_calls;
}

std::vector<scenario> smaller_ones(const scenario& s) {
  std::vector<scenario> smaller;
  for (const std::uint64_t eighths : {1U, 2U, 4U, 6U, 7U}) {
    if (s.time > 100 * millisecond) smaller.push_back(ending_at(s, s.time / 8 * eighths));
  }
  for (const std::uint64_t quarter : {0U, 1U, 2U, 3U}) {
    const sim_duration window = s.time / 4;
    if (s.time > 100 * millisecond)
      smaller.push_back(without_time(s, window * quarter, window * (quarter + 1)));
  }
  remove_chunks(
      s, [](scenario & each) -> auto& { return each.faults.faults; }, smaller);
  remove_chunks(
      s, [](scenario & each) -> auto& { return each.calls; }, smaller);
  for (std::size_t i = s.cluster.clients; i-- > 0 && s.cluster.clients > 1;)
    smaller.push_back(without_client(s, i));
  if (s.cluster.replicas > 1) smaller.push_back(without_last_replica(s));
  if (!s.calm_noise) smaller.push_back(calmed(s));
  for (scenario& usual : more_usual(s))
    smaller.push_back(std::move(usual));
  for (std::size_t i = 0; i < s.faults.faults.size(); ++i) {
    if (s.faults.faults[i].duration <= 2 * millisecond) continue;
    smaller.push_back(s);
    smaller.back().faults.faults[i].duration /= 2;
  }
  for (scenario& one_call : with_one_call_before_a_fault(s))
    smaller.push_back(std::move(one_call));
  return smaller;
}

}  // namespace atomix::sim
