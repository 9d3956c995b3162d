// SPDX-License-Identifier: Apache-2.0
#include "tools/sim_text.hpp"

#include "sim/bug_zoo.hpp"

#include <absl/strings/str_cat.h>
#include <absl/strings/str_format.h>

namespace atomix::tools {

std::string how_to_repeat(const sim_flags& flags, std::uint64_t seed) {
  std::string text = flags.replay.empty()
                         ? absl::StrCat("atomix sim --seed ", seed, " --time ", flags.time)
                         : absl::StrCat("atomix sim --replay ", flags.replay);
  if (!flags.replay.empty()) return text;
  if (flags.nodes != 0) absl::StrAppend(&text, " --nodes ", flags.nodes);
  if (flags.clients != 0) absl::StrAppend(&text, " --clients ", flags.clients);
  if (flags.faults != "all") absl::StrAppend(&text, " --faults ", flags.faults);
  if (!flags.bug.empty()) absl::StrAppend(&text, " --bug ", flags.bug);
  if (flags.disks_lie) absl::StrAppend(&text, " --lying-disks");
  return text;
}

std::string show_bugs() {
  std::string text =
      absl::StrFormat("%-4s %-25s %-5s %-19s %s\n", "ID", "NAME", "LEVEL", "STATE", "WHAT");
  for (const sim::zoo_entry& e : sim::bug_zoo()) {
    const std::string state =
        e.pending.empty() ? "planted" : absl::StrCat("needs ", std::string{e.pending});
    absl::StrAppendFormat(
        &text,
        "%-4s %-25s %-5d %-19s %s\n",
        std::string{e.id},
        std::string{e.name},
        e.level,
        state,
        std::string{e.sentence});
  }
  return text;
}

std::string show_violations(const sim::run_report& report) {
  std::string text;
  for (const sim::violation& v : report.violations) {
    absl::StrAppend(
        &text, "  ", sim::show_time(v.at), " ", v.where, ": ", v.property, ": ", v.sentence, "\n");
  }
  return text;
}

std::string show_faults(const std::map<sim::fault_kind, std::uint64_t>& fired) {
  std::string text;
  for (const auto& [kind, count] : fired)
    absl::StrAppend(&text, text.empty() ? "" : ", ", count, " ", std::string{sim::to_string(kind)});
  return text.empty() ? "none" : text;
}

std::string show_faults(
    const std::map<sim::fault_kind, std::uint64_t>& fired,
    const std::map<sim::fault_kind, std::uint64_t>& mattered) {
  std::string text;
  for (const auto& [kind, count] : fired) {
    const auto found = mattered.find(kind);
    const std::uint64_t of_them = found == mattered.end() ? 0 : found->second;
    const std::string name{sim::to_string(kind)};
    absl::StrAppend(&text, text.empty() ? "" : ", ", count, " ", name, " (", of_them, " mattered)");
  }
  return text.empty() ? "none" : text;
}

std::string show_points(const std::map<std::string, std::uint64_t>& points) {
  std::string text;
  for (const auto& [point, count] : points)
    absl::StrAppend(&text, text.empty() ? "" : ", ", count, " ", point);
  return text.empty() ? "none" : text;
}

std::string show_size(const sim::scenario& s) {
  return absl::StrFormat(
      "%d replicas, %d clients, %d faults, %d calls, %.1f s",
      s.cluster.replicas,
      s.cluster.clients,
      s.faults.faults.size(),
      s.calls.size(),
      static_cast<double>(s.time) / 1e9);
}

std::string show_run(
    const sim::run_report& report, double wall_seconds, const std::string& repeat) {
  const double simulated = static_cast<double>(report.simulated) / 1e9;
  return absl::StrFormat(
      "seed %d: %s\n%s"
      "  trace hash   %016x\n"
      "  simulated    %.1f s in %.2f s of real time (%.0f times as fast)\n"
      "  steps        %d of actors, %d events\n"
      "  cluster      %d replicas, %d elections, %d ends of replicas, %d lost for good, %d entries "
      "committed\n"
      "  clients      %d, %d calls: %d done, %d refused, %d unknown; %d sessions\n"
      "  network      %d deliveries, %d writes swallowed; frames: %d lost, %d repeated, %d "
      "reordered, %d corrupted\n"
      "  faults       %s\n"
      "  repeat with  %s\n",
      report.played.seed,
      report.ok() ? "valid" : "VIOLATION",
      show_violations(report),
      report.trace_hash,
      simulated,
      wall_seconds,
      simulated / wall_seconds,
      report.actor_steps,
      report.events,
      report.played.cluster.replicas,
      report.elections,
      report.restarts,
      report.lost,
      report.committed,
      report.played.cluster.clients,
      report.clients.calls,
      report.clients.acknowledged,
      report.clients.failed,
      report.clients.unknown,
      report.clients.sessions,
      report.network.deliveries,
      report.network.writes_swallowed,
      report.network.frames_lost,
      report.network.frames_repeated,
      report.network.frames_reordered,
      report.network.frames_corrupted,
      show_faults(report.fired, report.mattered),
      repeat);
}

}  // namespace atomix::tools
