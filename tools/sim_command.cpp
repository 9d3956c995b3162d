// SPDX-License-Identifier: Apache-2.0
// `atomix sim`: runs seeds in the simulator and says what they found.
#include "sim/bug_zoo.hpp"
#include "sim/divergence.hpp"
#include "sim/repro.hpp"
#include "sim/run.hpp"

#include <CLI/CLI.hpp>
#include <absl/strings/numbers.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/str_format.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <csignal>
#include <fstream>
#include <iostream>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>

#include "tools/sim_campaign.hpp"
#include "tools/sim_failure.hpp"
#include "tools/sim_report.hpp"
#include "tools/sim_text.hpp"
#include "tools/simulator_commands.hpp"
#include "tools/stopwatch.hpp"

namespace atomix::tools {
namespace {

// As Jepsen's: valid, invalid, unknown, wrong arguments, internal error.
constexpr int exit_valid = 0;
constexpr int exit_violation = 1;
constexpr int exit_bad_arguments = 254;
constexpr int exit_internal_error = 255;

bool parse_range(const std::string& text, seed_range& range) {
  const std::size_t dots = text.find("..");
  if (dots == std::string::npos) return false;
  return absl::SimpleAtoi(text.substr(0, dots), &range.first)
         && absl::SimpleAtoi(text.substr(dots + 2), &range.last) && range.first <= range.last;
}

bool parse_time(const std::string& text, sim::sim_duration& time) {
  const std::size_t digits = text.find_first_not_of("0123456789");
  std::uint64_t count = 0;
  if (!absl::SimpleAtoi(text.substr(0, digits), &count) || count == 0) return false;
  const std::string unit = digits == std::string::npos ? "s" : text.substr(digits);
  if (unit == "ms") {
    time = count * sim::millisecond;
  } else if (unit == "s") {
    time = count * sim::second;
  } else if (unit == "m") {
    time = count * 60 * sim::second;
  } else {
    return false;
  }
  return time <= sim::sim_duration{4} * 3'600 * sim::second;
}

// A crash of the simulator, or of what runs in it: say which seed it was.
thread_local std::uint64_t present_seed = 0;

void say_last_words(int signal) {
  constexpr std::string_view head = "The simulator was running seed ";
  std::array<char, 24> digits{};
  const auto end = std::to_chars(digits.begin(), digits.end() - 1, present_seed).ptr;
  *end = '\n';
  static_cast<void>(!write(STDERR_FILENO, head.data(), head.size()));
  const auto size = static_cast<std::size_t>(end - digits.begin()) + 1;
  static_cast<void>(!write(STDERR_FILENO, digits.data(), size));
  // And end as everybody does who does not listen to it.
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

int complain(const std::string& sentence) {
  std::cerr << "atomix sim: " << sentence << "\n";
  return exit_bad_arguments;
}

int play_one(const sim_flags& flags, const sim::scenario& what, sim::run_options options) {
  present_seed = what.seed;
  options.checkpoints = flags.twice;
  options.until_event = flags.until;
  options.record = !flags.report.empty();
  if (flags.trace) {
    std::cout << what.faults.to_string();
    options.trace = [](const std::string& line) {
      std::cout << line << "\n";
    };
  }
  const stopwatch watch;
  const sim::run_report report = sim::run(what, options);
  std::cout << show_run(report, watch.seconds(), how_to_repeat(flags, what.seed));
  options.trace = nullptr;
  if (flags.twice) {
    if (const auto parted = sim::find_divergence(what, options, report)) {
      std::cout << absl::StrFormat(
          "NOT DETERMINISTIC at line %d of the trace\n  once   %s\n  again  %s\n",
          parted->line,
          parted->first,
          parted->second);
      return exit_violation;
    }
    std::cout << "  twice        the same trace hash\n";
  }
  std::optional<sim::shrunk> small;
  if (!report.ok() && flags.shrink) small = make_small(report, options, flags);
  if (options.record && !write_reports(report, small, options, flags)) return exit_internal_error;
  return report.ok() ? exit_valid : exit_violation;
}

bool plant_bug(const std::string& name) {
  const sim::zoo_entry* const found = sim::find_bug(name);
  if (found == nullptr || !found->pending.empty()) return false;
  plant(found->planted);
  return true;
}

int replay(const sim_flags& flags, const sim::run_options& options) {
  std::ifstream file{flags.replay};
  std::stringstream text;
  if (!file || !(text << file.rdbuf())) {
    return complain(
        absl::StrCat("cannot read ", flags.replay, "; is it the file that --shrink wrote?"));
  }
  const auto found = sim::parse_repro(text.str());
  if (!found.ok())
    return complain(absl::StrCat(flags.replay, ": ", std::string{found.status().message()}));
  if (!found->bug.empty() && !plant_bug(found->bug))
    return complain(absl::StrCat(flags.replay, ": it needs the bug '", found->bug, "'"));
  sim_flags with_bug = flags;
  with_bug.bug = found->bug;
  return play_one(with_bug, found->what, options);
}

int run_many(const sim_flags& flags, const sim::run_options& options) {
  seed_range range;
  if (!parse_range(flags.seeds, range)) return complain("--seeds wants a range such as 1..200");
  campaign all{flags, options, range, [](std::uint64_t seed) {
                 present_seed = seed;
               }};
  int code = all.carry_out();
  if (!all.failure() || !flags.shrink) return code;
  const sim::shrunk small = make_small(*all.failure(), options, flags);
  if (all.failure()->record == nullptr) return code;
  return write_reports(*all.failure(), small, options, flags) ? code : exit_internal_error;
}

int sim_command(const sim_flags& flags) {
  if (flags.list_bugs) {
    std::cout << show_bugs();
    return exit_valid;
  }
  if (!flags.bug.empty() && !plant_bug(flags.bug)) {
    return complain(absl::StrCat(
        "--bug: '", flags.bug, "' cannot be planted; --list-bugs tells those that can"));
  }
  sim::run_options options;
  if (!parse_time(flags.time, options.time))
    return complain("--time wants a number and ms, s or m, at most 4 hours: \"60s\"");
  if (flags.nodes > 9) return complain("--nodes wants a number from 1 to 9, or 0 to draw it");
  if (flags.clients > 9) return complain("--clients wants a number from 1 to 9, or 0 to draw it");
  const auto kinds = sim::parse_fault_kinds(flags.faults);
  if (!kinds.ok()) return complain(std::string{kinds.status().message()});
  options.seed = flags.seed;
  options.faults = *kinds;
  options.nodes = flags.nodes;
  options.clients = flags.clients;
  options.disks_lie = flags.disks_lie;
  if (!flags.report.empty()) {
    if (const absl::Status ready = prepare_reports(flags); !ready.ok())
      return complain(absl::StrCat("--report: ", std::string{ready.message()}));
  }
  for (const int signal : {SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL})
    std::signal(signal, say_last_words);
  if (!flags.replay.empty()) return replay(flags, options);
  if (!flags.seeds.empty()) return run_many(flags, options);
  return play_one(flags, sim::scenario_of(options), options);
}

}  // namespace

void add_sim_command(CLI::App& app, int& exit_code) {
  auto flags = std::make_shared<sim_flags>();
  CLI::App* const command = app.add_subcommand(
      "sim",
      "Run simulated clusters with faults from a seed and check what their clients see.\n"
      "Exit codes: 0 valid, 1 a violation, 254 wrong arguments, 255 internal error.");
  command->add_option("--seed", flags->seed, "The run to do")->capture_default_str();
  command->add_option("--seeds", flags->seeds, "A range of runs, A..B, instead of one");
  command->add_option("--replay", flags->replay, "Play a scenario that --shrink wrote");
  command->add_option("--time", flags->time, "Simulated time with faults")->capture_default_str();
  command->add_option("--nodes", flags->nodes, "Replicas; 0: drawn, 1 to 7")->capture_default_str();
  command->add_option("--clients", flags->clients, "Clients; 0: drawn, 1 to 6")
      ->capture_default_str();
  command->add_option("--faults", flags->faults, "all, none, or names of kinds, with commas")
      ->capture_default_str();
  command->add_option("--jobs", flags->jobs, "Threads of a campaign")->capture_default_str();
  command->add_flag("--stop-at-first", flags->stop_at_first, "End a campaign at its first failure");
  command->add_option(
      "--progress", flags->progress_file, "Keep a campaign's place in this file, and go on there");
  command->add_flag("--shrink", flags->shrink, "Make a failure small and write it down");
  command->add_option(
      "--report",
      flags->report,
      "Write what happened as pages, histories and traces below this directory");
  command
      ->add_option(
          "--reports-max", flags->reports_max, "Failing seeds of a campaign that get a report")
      ->capture_default_str();
  command->add_option("--out", flags->out, "Where --shrink writes")->capture_default_str();
  command->add_flag("--twice", flags->twice, "Run each seed twice and compare the traces");
  command->add_flag("--trace", flags->trace, "Print the plan of faults and the trace");
  command->add_option("--until", flags->until, "End after so many events and steps of actors");
  command->add_option("--bug", flags->bug, "Plant this bug: a name or id of --list-bugs");
  command->add_flag(
      "--probes", flags->probes, "Print how often a campaign came by each rare situation");
  command->add_flag("--list-bugs", flags->list_bugs, "List the catalogue of bugs");
  command->add_flag(
      "--lying-disks", flags->disks_lie, "Plant a bug: disks forget what they said was durable");
  command->callback([flags, &exit_code] { exit_code = sim_command(*flags); });
}

}  // namespace atomix::tools
