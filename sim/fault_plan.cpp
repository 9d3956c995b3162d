// SPDX-License-Identifier: Apache-2.0
#include "sim/fault_plan.hpp"

#include "sim/links.hpp"

#include <absl/status/status.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/str_format.h>
#include <absl/strings/str_split.h>

#include <algorithm>
#include <bit>
#include <utility>

namespace atomix::sim {
namespace {

std::string text_of(std::string_view s) {
  return std::string{s};
}

/// How a kind is called, and how long it lasts. Units: milliseconds.
struct known_kind {
  fault_kind kind;
  std::string_view name;
  std::uint64_t shortest;
  std::uint64_t longest;
};
constexpr known_kind known_kinds[] = {
    {fault_kind::halves, "halves", 200, 6'000},
    {fault_kind::isolated, "isolated", 200, 6'000},
    {fault_kind::isolated_leader, "isolated-leader", 200, 6'000},
    {fault_kind::one_way, "one-way", 200, 6'000},
    {fault_kind::bridge, "bridge", 200, 6'000},
    {fault_kind::ring, "ring", 200, 6'000},
    {fault_kind::chain, "chain", 200, 6'000},
    {fault_kind::star, "star", 200, 6'000},
    {fault_kind::leader_sees_few, "leader-sees-few", 200, 6'000},
    {fault_kind::partial, "partial", 200, 6'000},
    {fault_kind::client_cut, "client-cut", 200, 9'000},
    {fault_kind::clients_cut, "clients-cut", 200, 9'000},
    {fault_kind::half_open, "half-open", 1, 1},
    {fault_kind::clogged, "clogged", 50, 3'000},
    {fault_kind::killed, "killed", 20, 4'000},
    {fault_kind::power_loss, "power-loss", 20, 4'000},
    {fault_kind::blackout, "blackout", 50, 2'000},
    {fault_kind::struck, "struck", 20, 2'000},
    {fault_kind::stopped, "stopped", 20, 4'000},
    {fault_kind::paused, "paused", 50, 3'000},
    {fault_kind::clock_jump, "clock-jump", 1, 1},
    {fault_kind::clock_rate, "clock-rate", 500, 6'000},
    {fault_kind::lossy, "lossy", 200, 6'000},
    {fault_kind::corrupting, "corrupting", 200, 6'000},
    {fault_kind::slow_link, "slow-link", 200, 6'000},
    {fault_kind::slow_disk, "slow-disk", 200, 6'000},
    {fault_kind::failed_sync, "failed-sync", 1, 1},
    {fault_kind::failed_write, "failed-write", 1, 1},
    {fault_kind::full_disk, "full-disk", 200, 4'000},
    {fault_kind::hunted_leader, "hunted-leader", 1'000, 8'000},
    {fault_kind::hunted_candidate, "hunted-candidate", 1'000, 8'000},
    {fault_kind::bit_rot, "bit-rot", 300, 3'000},
    {fault_kind::stray_write, "stray-write", 300, 3'000},
    {fault_kind::bad_sector, "bad-sector", 300, 3'000},
    {fault_kind::lost_disk, "lost-disk", 1, 1},
    {fault_kind::client_paused, "client-paused", 50, 9'000},
    {fault_kind::hunted_newcomer, "hunted-newcomer", 4'000, 14'000},
};

const known_kind& known(fault_kind kind) {
  return known_kinds[static_cast<std::size_t>(kind)];
}

sim_duration draw_duration(prng& chance, fault_kind kind) {
  return chance.between(known(kind).shortest, known(kind).longest) * millisecond;
}

std::uint64_t draw_up_to(prng& chance, std::size_t most, std::size_t replicas) {
  const std::uint64_t count = chance.between(1, most);
  std::uint64_t group = 0;
  for (std::uint64_t i = 0; i < count; ++i)
    group |= std::uint64_t{1} << chance.below(replicas);
  return group;
}

// Up to a minority, as a rule; now and then more, which costs availability but never safety.
std::uint64_t draw_group(prng& chance, std::size_t replicas) {
  const std::size_t most =
      chance.chance(1, 8) ? replicas : std::max<std::size_t>(1, (replicas - 1) / 2);
  return draw_up_to(chance, most, replicas);
}

fault_kind draw_kind(prng& chance, const std::set<fault_kind>& allowed) {
  auto any = allowed.begin();
  std::advance(any, static_cast<std::ptrdiff_t>(chance.below(allowed.size())));
  return *any;
}

/// Half of all kinds; of many in one run of eight one or two alone: among many each is excused, or
/// mended, by some other.
std::vector<fault_kind> draw_kinds(prng& chance, const std::set<fault_kind>& allowed) {
  std::vector<fault_kind> kinds;
  prng other = chance;  // which of the rest it is does not depend on this
  static_cast<void>(other.next());
  if (allowed.size() > 4 && other.chance(1, 8)) {
    std::set<fault_kind> few{draw_kind(other, allowed), draw_kind(other, allowed)};
    return {few.begin(), few.end()};
  }
  for (const fault_kind kind : allowed) {
    if (chance.chance(1, costs_replicas(kind) ? 6 : 2)) kinds.push_back(kind);
  }
  if (kinds.empty() && !allowed.empty()) {
    kinds.push_back(draw_kind(chance, allowed));
  }
  return kinds;
}

/// From the beginning on, when everybody is one; not among others, which most runs have in their
/// middle.
std::optional<fault> draw_newcomers(prng chance, const plan_limits& limits) {
  if (!limits.kinds.contains(fault_kind::hunted_newcomer)) return std::nullopt;
  if (limits.kinds.size() > 1 && !chance.chance(1, 6)) return std::nullopt;
  fault f;
  f.kind = fault_kind::hunted_newcomer;
  f.duration = std::min(draw_duration(chance, f.kind), limits.duration);
  f.detail = chance.below(64);
  return f;
}

}  // namespace

const std::vector<fault_kind>& all_fault_kinds() {
  static const std::vector<fault_kind> all = [] {
    std::vector<fault_kind> kinds;
    for (const known_kind& each : known_kinds)
      kinds.push_back(each.kind);
    return kinds;
  }();
  return all;
}

std::string_view to_string(fault_kind kind) {
  return known(kind).name;
}

absl::StatusOr<std::set<fault_kind>> parse_fault_kinds(std::string_view text) {
  const auto& all = all_fault_kinds();
  if (text == "all") return std::set<fault_kind>{all.begin(), all.end()};
  std::set<fault_kind> chosen;
  if (text == "none") return chosen;
  for (const auto part : absl::StrSplit(absl::string_view{text.data(), text.size()}, ',')) {
    const std::string name{part};
    const auto found = std::find_if(
        all.begin(), all.end(), [&](fault_kind kind) { return to_string(kind) == name; });
    if (found != all.end()) {
      chosen.insert(*found);
      continue;
    }
    std::string known = "all, none";
    for (const fault_kind kind : all)
      absl::StrAppend(&known, ", ", text_of(to_string(kind)));
    return absl::InvalidArgumentError(
        absl::StrCat("No fault is called \"", name, "\"; there are: ", known, "."));
  }
  return chosen;
}

bool fault_plan::bends_clocks() const {
  return std::any_of(faults.begin(), faults.end(), [](const fault& f) {
    return f.kind == fault_kind::clock_jump || f.kind == fault_kind::clock_rate;
  });
}

std::optional<sim_time> fault_plan::end() const {
  sim_time last = 0;
  for (const fault& f : faults) {
    if (costs_replicas(f.kind)) return std::nullopt;
    if (!f.lasting) last = std::max(last, f.start + f.duration);
  }
  return last;
}

std::string fault_plan::to_string() const {
  std::string text;
  for (const fault& f : faults) {
    absl::StrAppendFormat(
        &text,
        "%s for %s  %-15s target=%d group=%x detail=%d%s\n",
        show_time(f.start),
        show_time(f.duration),
        text_of(sim::to_string(f.kind)),
        f.target,
        f.group,
        f.detail,
        f.lasting ? " lasting" : "");
  }
  return text.empty() ? "no faults\n" : text;
}

bool spares_majority(const fault& f, std::size_t replicas) {
  switch (f.kind) {
    case fault_kind::paused:
      return replicas > 2;
    case fault_kind::partial:
    case fault_kind::killed:
    case fault_kind::power_loss: {
      const std::uint64_t hindered = f.group & ((std::uint64_t{1} << replicas) - 1);
      return 2 * static_cast<std::size_t>(std::popcount(hindered)) < replicas;
    }
    default:
      return false;
  }
}

std::optional<fault> draw_lasting_fault(prng chance, const plan_limits& limits, sim_time start) {
  std::vector<fault_kind> kinds;
  for (const fault_kind kind :
       {fault_kind::partial, fault_kind::paused, fault_kind::killed, fault_kind::power_loss}) {
    if (limits.kinds.contains(kind)) kinds.push_back(kind);
  }
  if (kinds.empty() || limits.replicas < 3) return std::nullopt;
  fault f;
  f.kind = kinds[chance.below(kinds.size())];
  f.start = start;
  f.duration = limits.duration - start;
  f.target = chance.below(limits.replicas * (limits.clients + 1));
  f.group = draw_up_to(chance, (limits.replicas - 1) / 2, limits.replicas);
  f.detail = chance.below(64);
  f.lasting = true;
  return f;
}

fault_plan draw_fault_plan(prng chance, const plan_limits& limits) {
  fault_plan plan;
  if (const auto f = draw_newcomers(prng{chance}.fork(), limits)) plan.faults.push_back(*f);
  std::set<fault_kind> allowed = limits.kinds;
  allowed.erase(fault_kind::hunted_newcomer);
  const std::vector<fault_kind> kinds = draw_kinds(chance, allowed);
  if (kinds.empty()) return plan;
  // Some runs are calm, some are not: mean pause between faults, evenly on a scale of magnitudes.
  const sim_duration pause = (std::uint64_t{250} << chance.below(5)) * millisecond;
  sim_time at = chance.between(200, 1'500) * millisecond;
  while (at < limits.duration) {
    fault f;
    f.kind = kinds[chance.below(kinds.size())];
    f.start = at;
    f.duration = std::min(draw_duration(chance, f.kind), limits.duration - at);
    f.target = chance.below(limits.replicas * (limits.clients + 1));
    f.group = f.kind == fault_kind::halves || f.kind == fault_kind::bridge
                  ? chance.next() & ((std::uint64_t{1} << (limits.replicas + limits.clients)) - 1)
                  : draw_group(chance, limits.replicas);
    f.detail = chance.below(64);
    plan.faults.push_back(f);
    at += draw_exponential(chance, pause) + 1 * millisecond;
  }
  return plan;
}

}  // namespace atomix::sim
