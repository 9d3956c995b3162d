// SPDX-License-Identifier: Apache-2.0
/// \file Writes a run down for its report, as the parts of the run tell it. Listens only: draws no
/// noise and puts nothing on the calendar, so a run goes the same way whether it is written down or
/// not. Without one nothing is spent but a comparison at each place that would tell.
#pragma once

#include "sim/local_clock.hpp"
#include "sim/recorder_log.hpp"
#include "sim/report/record.hpp"
#include "sim/world.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace atomix::sim {

/// How many of what there is most of are kept: the newest, as a run ends soon after a violation.
struct recorder_limits {
  std::size_t messages = 60'000;
  std::size_t disk = 40'000;
  std::size_t lines = 60'000;
  std::size_t entries = 20'000;  ///< places of the log
  std::size_t roles = 20'000;
};

/// Lanes are hosts, in the order in which they were added: replicas first, then clients.
class recorder {
 public:
  recorder(const world& w, const recorder_limits& limits);
  recorder(const recorder&) = delete;
  recorder& operator=(const recorder&) = delete;

  void add_lane(const std::string& name, bool replica);

  /// From now on the core is this; a process that is down or paused keeps it for later.
  void role(std::size_t lane, std::string_view role, std::uint64_t term);
  void ended(std::size_t lane);
  void started(std::size_t lane);
  void paused(std::size_t lane, bool is_paused);

  /// `bytes` left; what comes of them is told by `met`, or nobody was there to read them.
  [[nodiscard]] std::uint64_t sent(
      std::size_t from, std::size_t to, sim_time arrives, std::string_view bytes);
  void met(std::uint64_t message, message_fate fate);

  /// By the machine called `name`; sets the lane.
  void disk_worked(const std::string& name, disk_mark mark);
  /// Begins now. Returns its number, for who knows its end only later.
  std::size_t fault(fault_band band);
  /// Faults that were to last longer end now.
  void healed();
  /// The lane's clock is this from now on; `fresh`: the machine was switched on.
  void clock(std::size_t lane, const local_clock& now, bool fresh);

  void line(trace_kind kind, process_id who, std::string text);
  [[nodiscard]] recorder_log& log() { return log_; }

  /// Operations of users' types have these words from now on.
  void speak_also(const more_words& more) {
    more_ = more;
    log_.speak_also(more);
  }

  /// Everything so far, and what was left out. May be called once.
  void fill(run_record& record);

 private:
  struct lane_state {
    std::string role = "down";
    std::uint64_t term = 0;
    bool is_down = true;
    bool is_paused = false;
    sim_time since = 0;
    std::string shown = "down";
    std::uint64_t shown_term = 0;
    local_clock clock;
    std::int64_t clock_at_start = 0;
    bool has_clock = false;
  };
  void show_role(std::size_t lane);
  void clock_point_of(std::size_t lane);
  [[nodiscard]] static std::int64_t distance(const local_clock& c, sim_time at);

  const world& world_;
  std::vector<lane> lanes_;
  std::vector<lane_state> states_;
  std::map<std::string, std::size_t> by_name_;
  newest<role_span> roles_;
  newest<message_arrow> messages_;
  newest<disk_mark> disk_;
  newest<log_line> lines_;
  std::vector<fault_band> faults_;
  std::vector<clock_point> clocks_;
  recorder_log log_;
  more_words more_;
};

}  // namespace atomix::sim
