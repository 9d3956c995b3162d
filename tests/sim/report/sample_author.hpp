// SPDX-License-Identifier: Apache-2.0
/// \file Who makes up the run of sample_record.hpp: what happens when, and how messages travel.
#pragma once

#include "sim/report/record.hpp"

#include "raft/base/prng.hpp"

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace atomix::sim {

inline constexpr std::size_t replicas = 5;
inline constexpr std::size_t clients = 3;
inline constexpr sim_time whole = 60 * second;
inline constexpr sim_time cut_from = 31'000 * millisecond;  // n1 leads, and is cut off
inline constexpr sim_time cut_to = 33'300 * millisecond;
inline constexpr sim_time new_leader = 31'620 * millisecond;  // n3, of the next term
inline constexpr sim_time dark_from = 14 * second;            // n4 has no power
inline constexpr sim_time dark_to = 17'500 * millisecond;
inline constexpr sim_time lossy_from = 50 * second;
inline constexpr sim_time lossy_to = 54 * second;
inline constexpr sim_time pause_from = 44 * second;  // n2 stands still
inline constexpr sim_time pause_to = 45'200 * millisecond;

inline bool within(sim_time at, sim_time from, sim_time to) {
  return at >= from && at < to;
}

/// Writes one run down, event by event.
class sample_author {
 public:
  explicit sample_author(bool with_bug) : with_bug_(with_bug) {}

  run_record write() {
    head();
    roles();
    faults();
    for (std::size_t client = 0; client < clients; ++client) {
      for (std::uint64_t program = 0; program < 2; ++program)
        plan_calls(client, program);
    }
    std::sort(planned_.begin(), planned_.end());
    for (const auto& [at, who] : planned_)
      call(at, who.first, who.second);
    for (sim_time at = 450 * millisecond; at < whole; at += 100 * millisecond)
      beat(at);
    if (with_bug_) {
      lost_write(31'260 * millisecond);
      stale_read(32'310 * millisecond);
    }
    disk();
    clocks();
    std::stable_sort(record_.log.begin(), record_.log.end(), [](const auto& a, const auto& b) {
      return a.at < b.at;
    });
    statistics();
    return std::move(record_);
  }

 private:
  void head();
  void roles();
  void faults();
  void beat(sim_time at);
  void plan_calls(std::size_t client, std::uint64_t program);
  void call(sim_time at, std::size_t client, std::uint64_t program);
  sim_time replicate(sim_time at, std::size_t leader, const std::string& command);
  void lost_write(sim_time at);
  void stale_read(sim_time at);
  void disk();
  void clocks();
  void statistics();

  sim_duration latency() { return chance_.between(400, 2'600) * microsecond; }
  static std::size_t leader_at(sim_time at) { return at < new_leader ? 0 : 2; }
  static std::uint64_t term_at(sim_time at) { return at < new_leader ? 3 : 4; }

  void log(std::size_t lane, sim_time at, const char* kind, std::string text) {
    record_.log.push_back({lane, at, kind, std::move(text)});
  }

  message_fate fate_of(std::size_t from, std::size_t to, sim_time at) {
    const bool cut = within(at, cut_from, cut_to) && (from == 0 || to == 0);
    // c3 still reaches the leader of old: that is how the bug gets out.
    if (cut && from != 7 && to != 7) return message_fate::swallowed;
    if ((from == 3 || to == 3) && within(at, dark_from, dark_to)) return message_fate::unread;
    if (!within(at, lossy_from, lossy_to)) return message_fate::arrived;
    const std::uint64_t draw = chance_.below(100);
    if (draw < 8) return message_fate::lost;
    if (draw < 11) return message_fate::corrupted;
    return draw < 14 ? message_fate::repeated : message_fate::arrived;
  }

  /// When it arrived, or 0.
  sim_time send(std::size_t from, std::size_t to, sim_time at, std::string label) {
    const message_fate fate = fate_of(from, to, at);
    const sim_time arrived = at + latency();
    const bool there = fate == message_fate::arrived || fate == message_fate::repeated;
    if (to < replicas && there)
      log(to, arrived, "raft", absl::StrCat(record_.lanes[from].name, ": ", label));
    record_.messages.push_back({from, to, at, there ? arrived : 0, fate, std::move(label)});
    return there ? arrived : 0;
  }

  bool with_bug_;
  prng chance_{7};
  run_record record_;
  std::vector<std::pair<sim_time, std::pair<std::size_t, std::uint64_t>>> planned_;
  std::uint64_t index_ = 0;
  std::uint64_t value_ = 0;
  std::uint64_t count_ = 0;
  std::map<std::string, std::uint64_t> orders_;
};

}  // namespace atomix::sim
