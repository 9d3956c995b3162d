// SPDX-License-Identifier: Apache-2.0
#include "tools/sim_campaign.hpp"

#include "sim/divergence.hpp"
#include "sim/probes.hpp"

#include <absl/strings/str_cat.h>
#include <absl/strings/str_format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <thread>
#include <utility>
#include <vector>

#include "tools/sim_report.hpp"

namespace atomix::tools {
namespace {

constexpr int exit_valid = 0;
constexpr int exit_violation = 1;
constexpr int exit_internal_error = 255;

// From here on a campaign must have come by every probe.
constexpr std::uint64_t probing_runs = 5'000;
constexpr sim::sim_duration probing_time = 20 * sim::second;

// Of so many runs one asks the models of the checker as well.
constexpr std::uint64_t runs_per_second_opinion = 4;

long peak_megabytes() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  return used.ru_maxrss / 1024;
}

}  // namespace

campaign::campaign(
    const sim_flags& flags,
    const sim::run_options& options,
    seed_range range,
    std::function<void(std::uint64_t)> starting)
    : flags_(flags),
      options_(options),
      range_(range),
      starting_(std::move(starting)),
      next_(range.first) {}

int campaign::carry_out() {
  load_progress();
  std::vector<std::thread> workers;
  for (unsigned i = 1; i < flags_.jobs; ++i)
    workers.emplace_back([this] { work(); });
  work();
  for (std::thread& w : workers)
    w.join();
  show_progress(true);
  save_progress();
  show_totals();
  if (reported_ > flags_.reports_max) {
    std::cout << "  reports      of the first " << flags_.reports_max << " of " << reported_
              << " failures; --reports-max says how many\n";
  }
  if (!all_written_) return exit_internal_error;
  return bad_ == 0 && came_by_all_probes() ? exit_valid : exit_violation;
}

// What was left out on purpose, or never had the time to happen, says nothing.
bool campaign::wants_all_probes() const {
  return done_ >= probing_runs && options_.time >= probing_time && flags_.faults == "all"
         && flags_.nodes == 0 && flags_.clients == 0 && flags_.bug.empty() && !flags_.disks_lie;
}

bool campaign::came_by_all_probes() const {
  const auto never = probes_.missing();
  if (never.empty() || !wants_all_probes()) return true;
  std::cout
      << "PROBES NEVER REACHED: so many runs should have come by each of them; these test less "
         "than they seem to.\n";
  for (const probe p : never) {
    const auto& known = sim::probe_table()[static_cast<std::size_t>(p)];
    std::cout << "  " << known.name << ": " << known.sentence << "\n";
  }
  return false;
}

void campaign::work() {
  while (!stop_) {
    std::uint64_t seed = 0;
    {
      const std::lock_guard guard{mutex_};
      seed = next_++;
      if (seed > range_.last) return;
      under_way_[seed] = true;
    }
    starting_(seed);
    sim::run_options options = options_;
    options.seed = seed;
    options.checkpoints = flags_.twice;
    // A second opinion; the seed alone decides, so that a campaign finds the same again.
    options.models = seed % runs_per_second_opinion == 0;
    const stopwatch one;
    sim::run_report report = sim::run(options);
    const double took = one.seconds();
    const auto parted = flags_.twice ? sim::find_divergence(report.played, options, report)
                                     : std::optional<sim::divergence>{};
    if (parted) {
      std::cout << absl::StrFormat(
          "seed %d: NOT DETERMINISTIC at line %d of the trace\n  once   %s\n  again  %s\n",
          seed,
          parted->line,
          parted->first,
          parted->second);
    }
    if (!report.ok() && !flags_.report.empty()) report_failure(report, options);
    note(seed, std::move(report), took, !parted);
  }
}

// Failures are few: they are played again to be written down, and the many others stay cheap.
void campaign::report_failure(sim::run_report& report, const sim::run_options& options) {
  if (reported_++ >= flags_.reports_max) return;
  sim::run_options again = options;
  again.record = true;
  report.record = sim::run(report.played, again).record;
  const std::lock_guard guard{writing_};
  if (!write_reports(report, std::nullopt, options, flags_)) all_written_ = false;
}

void campaign::note(std::uint64_t seed, sim::run_report report, double took, bool same) {
  const std::lock_guard guard{mutex_};
  under_way_.erase(seed);
  ++done_;
  const double simulated = static_cast<double>(report.simulated) / 1e9;
  simulated_ += simulated;
  speeds_.push_back(simulated / took);
  calls_.calls += report.clients.calls;
  calls_.acknowledged += report.clients.acknowledged;
  calls_.failed += report.clients.failed;
  calls_.unknown += report.clients.unknown;
  elections_ += report.elections;
  restarts_ += report.restarts;
  lost_ += report.lost;
  for (const auto& [kind, count] : report.fired) {
    by_kind_[kind] += count;
    fired_ += count;
  }
  for (const auto& [kind, count] : report.mattered)
    mattered_[kind] += count;
  for (const auto& [point, count] : report.points)
    points_[point] += count;
  probes_.add(report.probed);
  if (!report.ok() || !same) {
    ++bad_;
    if (flags_.stop_at_first) stop_ = true;
    std::cout << "seed " << seed << ": VIOLATION\n"
              << show_violations(report) << "  repeat with  " << how_to_repeat(flags_, seed)
              << std::endl;
    if (!failure_ && !report.ok()) failure_ = std::move(report);
  }
  show_progress(false);
}

void campaign::show_progress(bool last) {
  const bool terminal = isatty(STDERR_FILENO) != 0;
  const double now = watch_.seconds();
  if (!last && now - shown_at_ < (terminal ? 0.5 : 10)) return;
  shown_at_ = now;
  std::cerr << absl::StrFormat(
      "%s%d of %d seeds, %.1f runs/s, %.0f simulated s (%.0f times as fast), %d faults, %d found%s",
      terminal ? "\r" : "",
      done_ + resumed_,
      range_.size(),
      static_cast<double>(done_) / now,
      simulated_,
      simulated_ / now,
      fired_,
      bad_,
      terminal && !last ? "   " : "\n");
  if (!last) save_progress();
}

std::string campaign::settings() const {
  return absl::StrCat(how_to_repeat(flags_, 0), " --seeds ", range_.first, "..", range_.last);
}

// The lowest seed that is not done: what was above it is done again, which costs little.
void campaign::save_progress() const {
  if (flags_.progress_file.empty()) return;
  const std::uint64_t next = under_way_.empty() ? next_.load() : under_way_.begin()->first;
  const std::string fresh = flags_.progress_file + ".new";
  std::ofstream{fresh} << settings() << "\n"
                       << std::min(next, range_.last + 1) << " " << bad_ << "\n";
  if (std::rename(fresh.c_str(), flags_.progress_file.c_str()) != 0)
    std::cerr << "atomix sim: cannot write " << flags_.progress_file << "\n";
}

void campaign::load_progress() {
  if (flags_.progress_file.empty()) return;
  std::ifstream file{flags_.progress_file};
  std::string known;
  std::uint64_t next = 0;
  std::uint64_t bad = 0;
  if (!std::getline(file, known) || !(file >> next >> bad)) return;
  if (known != settings()) {
    std::cerr << "atomix sim: " << flags_.progress_file << " is of another campaign (" << known
              << "): starting from the beginning.\n";
    return;
  }
  resumed_ = next - range_.first;
  bad_ = bad;
  next_ = next;
}

void campaign::show_totals() {
  const double wall = watch_.seconds();
  std::sort(speeds_.begin(), speeds_.end());
  const auto speed_at = [&](double share) {
    if (speeds_.empty()) return 0.0;
    return speeds_[static_cast<std::size_t>(share * static_cast<double>(speeds_.size() - 1))];
  };
  std::cout << absl::StrFormat(
      "%d seeds, %d with violations; %.0f simulated seconds in %.1f s (%.0f times as fast, %.1f "
      "runs a second)\n"
      "  one run      %.0f times as fast in the median, %.0f in the slowest tenth; %.0f calls a "
      "simulated second; the process took %d MB at most\n"
      "  clients      %d calls: %d done, %d refused, %d unknown\n"
      "  cluster      %d elections, %d ends of replicas, %d lost for good\n"
      "  faults       %s\n"
      "  fault points %s\n"
      "  probes       %s\n",
      done_ + resumed_,
      bad_,
      simulated_,
      wall,
      simulated_ / wall,
      static_cast<double>(done_) / wall,
      speed_at(0.5),
      speed_at(0.1),
      simulated_ > 0 ? static_cast<double>(calls_.calls) / simulated_ : 0.0,
      peak_megabytes(),
      calls_.calls,
      calls_.acknowledged,
      calls_.failed,
      calls_.unknown,
      elections_,
      restarts_,
      lost_,
      show_faults(by_kind_, mattered_),
      show_points(points_),
      probes_.summary());
  if (flags_.probes) std::cout << probes_.table();
}

}  // namespace atomix::tools
