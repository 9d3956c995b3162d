// SPDX-License-Identifier: Apache-2.0
/// \file Many seeds, each on its own in one of a few threads.
#pragma once

#include "sim/run.hpp"

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "tools/sim_probes.hpp"
#include "tools/sim_text.hpp"
#include "tools/stopwatch.hpp"

namespace atomix::tools {

struct seed_range {
  std::uint64_t first = 1;
  std::uint64_t last = 1;
  [[nodiscard]] std::uint64_t size() const { return last - first + 1; }
};

class campaign {
 public:
  /// `starting` is told, on the thread of the run, which seed comes next.
  campaign(
      const sim_flags& flags,
      const sim::run_options& options,
      seed_range range,
      std::function<void(std::uint64_t)> starting);

  /// Returns the exit code. Violations go to standard output as they are found, progress to
  /// standard error.
  int carry_out();
  /// The first failure, for whoever wants to look closer.
  [[nodiscard]] const std::optional<sim::run_report>& failure() const { return failure_; }

 private:
  void work();
  void note(std::uint64_t seed, sim::run_report report, double took, bool same);
  void report_failure(sim::run_report& report, const sim::run_options& options);
  void show_progress(bool last);
  void load_progress();
  void save_progress() const;
  [[nodiscard]] std::string settings() const;
  void show_totals();
  /// Whether it was large and free enough to come by every probe.
  [[nodiscard]] bool wants_all_probes() const;
  [[nodiscard]] bool came_by_all_probes() const;

  const sim_flags& flags_;
  const sim::run_options& options_;
  seed_range range_;
  std::function<void(std::uint64_t)> starting_;
  std::atomic<std::uint64_t> next_;
  std::atomic<bool> stop_ = false;
  std::atomic<std::size_t> reported_ = 0;
  std::atomic<bool> all_written_ = true;
  std::mutex writing_;
  std::mutex mutex_;  // guards what is below
  stopwatch watch_;
  double shown_at_ = 0;
  std::uint64_t done_ = 0, resumed_ = 0, bad_ = 0, elections_ = 0, restarts_ = 0, lost_ = 0;
  std::uint64_t fired_ = 0;
  double simulated_ = 0;
  std::vector<double> speeds_;  // of single runs: simulated seconds in one second
  sim::workload_counts calls_;
  std::map<sim::fault_kind, std::uint64_t> by_kind_, mattered_;
  std::map<std::string, std::uint64_t> points_;
  probe_tally probes_;
  std::map<std::uint64_t, bool> under_way_;  // seeds that were begun and have not ended
  std::optional<sim::run_report> failure_;
};

}  // namespace atomix::tools
