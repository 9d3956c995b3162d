// SPDX-License-Identifier: Apache-2.0
// `atomix sim`: runs seeds in the simulator and says what they found.
#include "tools/sim_command.hpp"

#include "sim/run.hpp"

#include <CLI/CLI.hpp>
#include <absl/strings/numbers.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/str_format.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <iostream>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace atomix::tools {
namespace {

// As Jepsen's: valid, invalid, unknown, wrong arguments, internal error.
constexpr int exit_valid = 0;
constexpr int exit_violation = 1;
constexpr int exit_bad_arguments = 254;

struct sim_flags {
  std::uint64_t seed = 1;
  std::string seeds;
  std::string time = "60s";
  std::size_t nodes = 5;
  std::size_t clients = 3;
  std::string faults = "all";
  unsigned jobs = 1;
  bool twice = false;
  bool trace = false;
  bool disks_lie = false;
};

struct seed_range {
  std::uint64_t first = 1;
  std::uint64_t last = 1;
};

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
  if (unit == "ms")
    time = count * sim::millisecond;
  else if (unit == "s")
    time = count * sim::second;
  else if (unit == "m")
    time = count * 60 * sim::second;
  else
    return false;
  return time <= 4 * 3'600 * sim::second;
}

// A broken invariant in a core stops the process: say which seed it was.
thread_local std::uint64_t present_seed = 0;

void say_last_words(int) {
  constexpr std::string_view head = "The simulator was running seed ";
  std::array<char, 24> digits{};
  const auto end = std::to_chars(digits.begin(), digits.end() - 1, present_seed).ptr;
  *end = '\n';
  static_cast<void>(!write(STDERR_FILENO, head.data(), head.size()));
  const auto size = static_cast<std::size_t>(end - digits.begin()) + 1;
  static_cast<void>(!write(STDERR_FILENO, digits.data(), size));
}

sim::run_report run_seed(const sim::run_options& options) {
  present_seed = options.seed;
  return sim::run(options);
}

int complain(const std::string& sentence) {
  std::cerr << "atomix sim: " << sentence << "\n";
  return exit_bad_arguments;
}

std::string how_to_repeat(const sim_flags& flags, std::uint64_t seed) {
  std::string text = absl::StrCat("atomix sim --seed ", seed, " --time ", flags.time);
  absl::StrAppend(&text, " --nodes ", flags.nodes, " --clients ", flags.clients);
  if (flags.faults != "all") absl::StrAppend(&text, " --faults ", flags.faults);
  if (flags.disks_lie) absl::StrAppend(&text, " --lying-disks");
  return text;
}

std::string show_violations(const sim::run_report& report) {
  std::string text;
  for (const sim::violation& v : report.violations)
    absl::StrAppend(
        &text, "  ", sim::show_time(v.at), " ", v.where, ": ", v.property, ": ", v.sentence, "\n");
  return text;
}

std::string show_faults(const sim::run_report& report) {
  std::string text;
  for (const auto& [kind, count] : report.fired)
    absl::StrAppend(&text, text.empty() ? "" : ", ", count, " ", std::string{sim::to_string(kind)});
  return text.empty() ? "none" : text;
}

void print_one(
    const sim_flags& flags,
    const sim::run_options& options,
    double wall_seconds,
    const sim::run_report& report) {
  const double simulated = static_cast<double>(report.simulated) / 1e9;
  std::cout << absl::StrFormat(
      "seed %d: %s\n%s"
      "  trace hash   %016x\n"
      "  simulated    %.1f s in %.2f s of real time (%.0f times as fast)\n"
      "  steps        %d of actors, %d events\n"
      "  cluster      %d elections, %d ends of replicas, %d entries committed\n"
      "  clients      %d calls: %d done, %d refused, %d unknown; %d sessions\n"
      "  network      %d deliveries, %d writes swallowed; frames: %d lost, %d repeated, %d "
      "reordered, %d corrupted\n"
      "  faults       %s\n"
      "  repeat with  %s\n",
      options.seed,
      report.ok() ? "valid" : "VIOLATION",
      show_violations(report),
      report.trace_hash,
      simulated,
      wall_seconds,
      simulated / wall_seconds,
      report.actor_steps,
      report.events,
      report.elections,
      report.restarts,
      report.committed,
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
      show_faults(report),
      how_to_repeat(flags, options.seed));
}

class stopwatch {
 public:
  [[nodiscard]] double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

int run_one(const sim_flags& flags, sim::run_options options) {
  options.seed = flags.seed;
  if (flags.trace) {
    options.trace = [](const std::string& line) {
      std::cout << line << "\n";
    };
  }
  const stopwatch watch;
  const sim::run_report report = run_seed(options);
  if (flags.trace) std::cout << report.plan.to_string();
  print_one(flags, options, watch.seconds(), report);
  if (!flags.twice) return report.ok() ? exit_valid : exit_violation;
  options.trace = nullptr;
  const sim::run_report again = run_seed(options);
  if (again.trace_hash != report.trace_hash) {
    std::cout << absl::StrFormat(
        "NOT DETERMINISTIC: the second run has trace hash %016x\n", again.trace_hash);
    return exit_violation;
  }
  std::cout << "  twice        the same trace hash\n";
  return report.ok() ? exit_valid : exit_violation;
}

/// Many seeds, each on its own in one of a few threads.
class campaign {
 public:
  campaign(const sim_flags& flags, const sim::run_options& options, seed_range range)
      : flags_(flags), options_(options), range_(range), next_(range.first) {}

  int carry_out() {
    std::vector<std::thread> workers;
    for (unsigned i = 1; i < flags_.jobs; ++i)
      workers.emplace_back([this] { work(); });
    work();
    for (std::thread& w : workers)
      w.join();
    std::cout << absl::StrFormat(
        "%d seeds, %d with violations; %.0f simulated seconds in %.1f s (%.0f times as fast)\n"
        "  clients      %d calls: %d done, %d refused, %d unknown\n"
        "  cluster      %d elections, %d ends of replicas\n",
        done_,
        bad_,
        simulated_,
        watch_.seconds(),
        simulated_ / watch_.seconds(),
        calls_.calls,
        calls_.acknowledged,
        calls_.failed,
        calls_.unknown,
        elections_,
        restarts_);
    return bad_ == 0 ? exit_valid : exit_violation;
  }

 private:
  void work() {
    for (std::uint64_t seed = next_++; seed <= range_.last; seed = next_++) {
      sim::run_options options = options_;
      options.seed = seed;
      const sim::run_report report = run_seed(options);
      bool same = true;
      if (flags_.twice) same = run_seed(options).trace_hash == report.trace_hash;
      tell(seed, report, same);
    }
  }

  void tell(std::uint64_t seed, const sim::run_report& report, bool same) {
    const std::lock_guard guard{mutex_};
    ++done_;
    simulated_ += static_cast<double>(report.simulated) / 1e9;
    calls_.calls += report.clients.calls;
    calls_.acknowledged += report.clients.acknowledged;
    calls_.failed += report.clients.failed;
    calls_.unknown += report.clients.unknown;
    elections_ += report.elections;
    restarts_ += report.restarts;
    if (!report.ok() || !same) {
      ++bad_;
      std::cout << "seed " << seed << (same ? ": VIOLATION\n" : ": NOT DETERMINISTIC\n")
                << show_violations(report) << "  repeat with  " << how_to_repeat(flags_, seed)
                << "\n";
    }
    if (done_ % 100 == 0) {
      std::cerr << absl::StrFormat(
          "%d of %d seeds, %d bad, %.0f s\n",
          done_,
          range_.last - range_.first + 1,
          bad_,
          watch_.seconds());
    }
  }

  const sim_flags& flags_;
  const sim::run_options& options_;
  seed_range range_;
  std::atomic<std::uint64_t> next_;
  std::mutex mutex_;
  stopwatch watch_;
  std::uint64_t done_ = 0, bad_ = 0, elections_ = 0, restarts_ = 0;
  double simulated_ = 0;
  sim::workload_counts calls_;
};

int sim_command(const sim_flags& flags) {
  sim::run_options options;
  if (!parse_time(flags.time, options.time))
    return complain("--time wants a number and ms, s or m, at most 4 hours: \"60s\"");
  if (flags.nodes < 1 || flags.nodes > 9) return complain("--nodes wants a number from 1 to 9");
  if (flags.clients < 1 || flags.clients > 9)
    return complain("--clients wants a number from 1 to 9");
  const auto kinds = sim::parse_fault_kinds(flags.faults);
  if (!kinds.ok()) return complain(std::string{kinds.status().message()});
  options.faults = *kinds;
  options.nodes = flags.nodes;
  options.clients = flags.clients;
  options.disks_lie = flags.disks_lie;
  std::signal(SIGABRT, say_last_words);
  if (flags.seeds.empty()) return run_one(flags, options);
  seed_range range;
  if (!parse_range(flags.seeds, range)) return complain("--seeds wants a range such as 1..200");
  return campaign{flags, options, range}.carry_out();
}

}  // namespace

void add_sim_command(CLI::App& app, int& exit_code) {
  auto flags = std::make_shared<sim_flags>();
  CLI::App* const command = app.add_subcommand(
      "sim", "Run a simulated cluster with faults from a seed and check what its clients see");
  command->add_option("--seed", flags->seed, "The run to do")->capture_default_str();
  command->add_option("--seeds", flags->seeds, "A range of runs, A..B, instead of one");
  command->add_option("--time", flags->time, "Simulated time with faults")->capture_default_str();
  command->add_option("--nodes", flags->nodes, "Replicas")->capture_default_str();
  command->add_option("--clients", flags->clients, "Clients")->capture_default_str();
  command->add_option("--faults", flags->faults, "all, none, or names of kinds, with commas")
      ->capture_default_str();
  command->add_option("--jobs", flags->jobs, "Threads of a campaign")->capture_default_str();
  command->add_flag("--twice", flags->twice, "Run each seed twice and compare the trace hashes");
  command->add_flag("--trace", flags->trace, "Print the trace and the plan of faults");
  command->add_flag(
      "--lying-disks", flags->disks_lie, "Plant a bug: disks forget what they said was durable");
  command->callback([flags, &exit_code] { exit_code = sim_command(*flags); });
}

}  // namespace atomix::tools
