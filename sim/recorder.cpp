// SPDX-License-Identifier: Apache-2.0
#include "sim/recorder.hpp"

#include "sim/wire_words.hpp"

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <iterator>
#include <utility>

namespace atomix::sim {

recorder::recorder(const world& w, const recorder_limits& limits)
    : world_(w),
      roles_(limits.roles),
      messages_(limits.messages),
      disk_(limits.disk),
      lines_(limits.lines),
      log_(limits.entries) {}

void recorder::add_lane(const std::string& name, bool replica) {
  by_name_[name] = lanes_.size();
  lanes_.push_back({name, replica});
  states_.emplace_back();
}

void recorder::role(std::size_t lane, std::string_view role, std::uint64_t term) {
  lane_state& s = states_[lane];
  s.role = role;
  s.term = term;
  show_role(lane);
}

void recorder::ended(std::size_t lane) {
  states_[lane].is_down = true;
  states_[lane].is_paused = false;
  states_[lane].role = "follower";  // what it will be when it comes back
  show_role(lane);
}

void recorder::started(std::size_t lane) {
  states_[lane].is_down = false;
  states_[lane].role = "follower";
  show_role(lane);
}

void recorder::paused(std::size_t lane, bool is_paused) {
  states_[lane].is_paused = is_paused;
  show_role(lane);
}

void recorder::show_role(std::size_t lane) {
  lane_state& s = states_[lane];
  const std::string now = s.is_down ? "down" : s.is_paused ? "paused" : s.role;
  if (now == s.shown && s.term == s.shown_term) return;
  if (world_.now() > s.since)
    roles_.add({lane, s.since, world_.now(), std::exchange(s.shown, now), s.shown_term});
  s.shown = now;
  s.shown_term = s.term;
  s.since = world_.now();
}

std::uint64_t recorder::sent(
    std::size_t from, std::size_t to, sim_time arrives, std::string_view bytes) {
  return messages_.add(
      {from, to, world_.now(), arrives, message_fate::unread, write_words(bytes, more_)});
}

void recorder::met(std::uint64_t message, message_fate fate) {
  message_arrow* const m = messages_.find(message);
  if (m == nullptr) return;
  m->fate = fate;
  m->arrived = world_.now();
}

void recorder::disk_worked(const std::string& name, disk_mark mark) {
  mark.lane = by_name_.at(name);
  disk_.add(std::move(mark));
}

std::size_t recorder::fault(fault_band band) {
  band.from = world_.now();
  faults_.push_back(std::move(band));
  return faults_.size() - 1;
}

void recorder::healed() {
  for (fault_band& f : faults_)
    f.to = std::min(f.to, world_.now());
}

std::int64_t recorder::distance(const local_clock& c, sim_time at) {
  return static_cast<std::int64_t>(c.local(at)) - static_cast<std::int64_t>(at);
}

void recorder::clock(std::size_t lane, const local_clock& now, bool fresh) {
  lane_state& s = states_[lane];
  if (s.has_clock) clock_point_of(lane);
  s.clock = now;
  if (fresh || !s.has_clock) s.clock_at_start = distance(now, world_.now());
  s.has_clock = true;
  clock_point_of(lane);
}

void recorder::clock_point_of(std::size_t lane) {
  const lane_state& s = states_[lane];
  const clock_point point{lane, world_.now(), distance(s.clock, world_.now()) - s.clock_at_start};
  clocks_.push_back(point);
}

void recorder::line(trace_kind kind, process_id who, std::string text) {
  // Arrows say more about what arrived.
  if (kind == trace_kind::frames) return;
  const auto at = who.is_none() ? by_name_.end() : by_name_.find(world_.name_of(who));
  const std::size_t lane = at == by_name_.end() ? ~std::size_t{0} : at->second;
  lines_.add({lane, world_.now(), std::string(to_string(kind)), std::move(text)});
}

void recorder::fill(run_record& record) {
  const auto move_to = [](auto& from, auto& to) {
    to.assign(
        std::make_move_iterator(from.items().begin()), std::make_move_iterator(from.items().end()));
  };
  const auto left_out = [&record](std::uint64_t count, const char* what) {
    if (count > 0) record.left_out.push_back(absl::StrCat("the first ", count, " ", what));
  };
  record.lanes = lanes_;
  for (std::size_t i = 0; i < lanes_.size(); ++i) {
    lane_state& s = states_[i];
    if (lanes_[i].replica) roles_.add({i, s.since, world_.now(), s.shown, s.shown_term});
    if (s.has_clock) clock_point_of(i);
  }
  move_to(roles_, record.roles);
  move_to(messages_, record.messages);
  move_to(disk_, record.disk);
  move_to(lines_, record.log);
  record.faults = std::move(faults_);
  record.clocks = std::move(clocks_);
  // What is still on its way is not lost.
  for (message_arrow& m : record.messages) {
    if (m.fate == message_fate::unread && m.arrived >= world_.now()) m.fate = message_fate::arrived;
  }
  for (log_line& l : record.log)
    l.lane = std::min(l.lane, lanes_.size());
  left_out(roles_.dropped(), "spans of roles");
  left_out(messages_.dropped(), "messages");
  left_out(disk_.dropped(), "disk operations");
  left_out(lines_.dropped(), "lines of the trace");
  left_out(log_.dropped(), "entries of the log");
  log_.fill(record);
}

}  // namespace atomix::sim
