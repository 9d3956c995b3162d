// SPDX-License-Identifier: Apache-2.0
// `atomix torture`: real processes under faults, and whether their clients were lied to.
#include "sim/bug_zoo.hpp"

#include <CLI/CLI.hpp>
#include <absl/strings/str_cat.h>
#include <absl/strings/str_format.h>

#include <filesystem>
#include <iostream>
#include <memory>
#include <mutex>
#include <string>

#include "tools/quantities.hpp"
#include "tools/sim_text.hpp"
#include "tools/simulator_commands.hpp"
#include "tools/stop_signals.hpp"
#include "tools/torture/real_faults.hpp"
#include "tools/torture/torture_run.hpp"

namespace atomix::tools {
namespace {

using checker::verdict;

constexpr int exit_bad_arguments = 254;

struct torture_flags {
  torture_options options;
  std::string time = "20s";
  std::string faults = "all";
  std::string bug;
  std::string server;
  bool trace = false;
};

int complain(const std::string& sentence) {
  std::cerr << "atomix torture: " << sentence << "\n";
  return exit_bad_arguments;
}

const char* name_of(verdict v) {
  return v == verdict::valid ? "valid" : v == verdict::invalid ? "invalid" : "unknown";
}

std::string show_checks(const torture_report& report) {
  if (report.log_entries == 0) return report.checked.to_string();
  return absl::StrCat(
      report.checked.to_string(), "; log of ", report.log_entries, " entries judged");
}

std::string show(const torture_flags& flags, const torture_report& report) {
  const torture_options& o = flags.options;
  const auto seconds = [](sim::sim_duration d) {
    return static_cast<double>(d) / static_cast<double>(sim::second);
  };
  std::string text = absl::StrFormat(
      "seed %d: %s, %d servers, %d clients, %s%s\n",
      o.seed,
      name_of(report.answer()),
      o.members,
      o.clients,
      to_text(o.time),
      flags.bug.empty() ? "" : absl::StrCat(", with the bug ", flags.bug));
  absl::StrAppendFormat(
      &text,
      "  calls        %d: %d acknowledged, %d refused, %d unknown; %d sessions\n",
      report.counts.calls,
      report.counts.acknowledged,
      report.counts.failed,
      report.counts.unknown,
      report.counts.sessions);
  absl::StrAppend(&text, "  faults       ", show_faults(report.fired), "\n");
  absl::StrAppendFormat(
      &text,
      "  network      %d connections, %d KiB, %d reset, %d bits flipped\n",
      report.network.connections,
      report.network.bytes / 1024,
      report.network.resets,
      report.network.flips);
  absl::StrAppendFormat(
      &text,
      "  silence      %.2f s without a success, from %.2f s on; this process stalled for %d ms\n",
      seconds(report.longest_silence),
      seconds(report.silent_from),
      report.longest_stall.count());
  absl::StrAppend(&text, "  checked      ", show_checks(report), "\n");
  for (const sim::violation& v : report.violations) {
    absl::StrAppend(
        &text, "  ", sim::show_time(v.at), " ", v.where, ": ", v.property, ": ", v.sentence, "\n");
  }
  for (const std::string& doubt : report.doubts)
    absl::StrAppend(&text, "  doubt        ", doubt, "\n");
  if (!report.kept_in.empty())
    absl::StrAppend(&text, "  kept         logs and data in ", report.kept_in, "\n");
  if (!report.page.empty()) absl::StrAppend(&text, "  report       ", report.page, "\n");
  return text;
}

std::string beside_this(const char* program) {
  const std::filesystem::path self = std::filesystem::read_symlink("/proc/self/exe");
  return (self.parent_path() / program).string();
}

absl::Status choose_server(torture_flags& flags) {
  if (flags.bug.empty()) {
    flags.options.command = {flags.server.empty() ? beside_this("atomix") : flags.server, "server"};
    return absl::OkStatus();
  }
  const sim::zoo_entry* const found = sim::find_bug(flags.bug);
  if (found == nullptr || !found->pending.empty()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "--bug: '", flags.bug, "' cannot be planted; atomix sim --list-bugs tells those that can"));
  }
  flags.options.command = {beside_this("atomix-sim"), "server", "--bug", flags.bug};
  return absl::OkStatus();
}

int torture_command(torture_flags& flags) {
  const auto time = parse_duration(flags.time);
  if (!time.ok() || time->count() < 1) return complain("--time wants a duration such as 20s");
  flags.options.time = *time;
  const auto kinds = sim::parse_fault_kinds(flags.faults);
  if (!kinds.ok()) return complain(std::string{kinds.status().message()});
  for (const sim::fault_kind kind : *kinds) {
    if (real_fault_kinds().contains(kind)) {
      flags.options.faults.insert(kind);
    } else if (flags.faults != "all") {
      return complain(absl::StrCat(
          "--faults: only the simulator can bring about ", std::string{sim::to_string(kind)}));
    }
  }
  if (absl::Status chosen = choose_server(flags); !chosen.ok())
    return complain(std::string{chosen.message()});
  const stop_signals signals;
  flags.options.interrupted = [&signals] {
    return signals.take().has_value();
  };
  std::mutex printing;
  if (flags.trace) {
    flags.options.trace = [&printing](const std::string& line) {
      const std::lock_guard lock{printing};
      std::cout << line << "\n";
    };
  }
  const torture_report report = torture(flags.options);
  std::cout << show(flags, report) << std::flush;
  return report.answer() == verdict::valid ? 0 : report.answer() == verdict::invalid ? 1 : 2;
}

}  // namespace

void add_torture_command(CLI::App& app, int& exit_code) {
  auto flags = std::make_shared<torture_flags>();
  torture_options& o = flags->options;
  CLI::App* const command = app.add_subcommand(
      "torture",
      "Run a cluster of real servers on this machine under faults (kill -9, pauses, cut, slow and\n"
      "broken connections) and check what their clients see.\n"
      "Exit codes: 0 valid, 1 a violation, 2 unknown, 254 wrong arguments, 255 internal error.");
  command->add_option("--seed", o.seed, "Of faults and calls")->capture_default_str();
  command->add_option("--time", flags->time, "How long there are faults and calls")
      ->capture_default_str();
  command->add_option("--servers", o.members, "1 to 7")
      ->check(CLI::Range(1, 7))
      ->capture_default_str();
  command->add_option("--clients", o.clients, "1 to 16")
      ->check(CLI::Range(1, 16))
      ->capture_default_str();
  command->add_option("--faults", flags->faults, "all, none, or names of kinds, with commas")
      ->capture_default_str();
  command->add_option("--dir", o.directory, "For data and logs; else a temporary one here");
  command->add_option("--report", o.report, "Write the report of the run below this directory");
  command->add_option("--server", flags->server, "Program that runs the servers, if another");
  command->add_option("--bug", flags->bug, "Servers with this bug of atomix sim --list-bugs");
  command->add_flag("--trace", flags->trace, "Print faults, sessions and the ends of calls");
  command->callback([flags, &exit_code] { exit_code = torture_command(*flags); });
}

}  // namespace atomix::tools
