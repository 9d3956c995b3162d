// SPDX-License-Identifier: Apache-2.0
#include "tools/torture/real_faults.hpp"

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <csignal>
#include <utility>

#include "tools/quantities.hpp"

namespace atomix::tools {

using sim::fault;
using sim::fault_kind;

const std::set<fault_kind>& real_fault_kinds() {
  // Without those of the disk, of clocks and of power: a process cannot bring them about.
  static const std::set<fault_kind> kinds{
      fault_kind::halves,
      fault_kind::isolated,
      fault_kind::isolated_leader,
      fault_kind::one_way,
      fault_kind::bridge,
      fault_kind::chain,
      fault_kind::star,
      fault_kind::leader_sees_few,
      fault_kind::partial,
      fault_kind::clients_cut,
      fault_kind::half_open,
      fault_kind::clogged,
      fault_kind::killed,
      fault_kind::stopped,
      fault_kind::paused,
      fault_kind::lossy,
      fault_kind::corrupting,
      fault_kind::slow_link,
  };
  return kinds;
}

void real_faults::play(const sim::fault_plan& plan) {
  for (const fault& f : plan.faults) {
    calendar_.emplace(f.start, [this, f] {
      if (!healed_) begin(f);
    });
  }
}

std::optional<sim::sim_time> real_faults::run(sim::sim_time now) {
  now_ = now;
  while (!calendar_.empty() && calendar_.begin()->first <= now) {
    const auto due = calendar_.extract(calendar_.begin());
    due.mapped()();
  }
  if (calendar_.empty()) return std::nullopt;
  return calendar_.begin()->first;
}

void real_faults::after(sim::sim_duration wait, std::function<void()> what) {
  calendar_.emplace(now_ + wait, std::move(what));
}

void real_faults::begin(const fault& f) {
  const std::size_t one = f.target % members_.size();
  switch (f.kind) {
    case fault_kind::half_open:
      took_effect(f, {one});
      return network_.lose_end(
          one,
          f.detail % 2 == 0 ? lost_end::near_member : lost_end::far_from_member,
          std::chrono::milliseconds{f.detail * 50});
    case fault_kind::killed:
      return end_members(f, f.group, SIGKILL);
    case fault_kind::stopped:
      return end_members(f, std::uint64_t{1} << one, SIGTERM);
    case fault_kind::paused:
      return pause(f);
    case fault_kind::lossy:
    case fault_kind::corrupting:
    case fault_kind::slow_link:
      return harm_links(f);
    default:
      return partition(f);
  }
}

void real_faults::partition(const fault& f) {
  const bool led = f.kind == fault_kind::isolated_leader || f.kind == fault_kind::leader_sees_few;
  const auto pairs = f.kind == fault_kind::clogged
                         ? sim::pairs_around(f.target % members_.size(), hosts())
                         : sim::blocked_by(f, hosts(), led ? leader() : std::nullopt);
  if (pairs.empty()) return;
  const auto one = sim::common_host(pairs);
  took_effect(f, one ? std::vector{*one} : std::vector<sim::host_id>{});
  network_.block(pairs);
  after(f.duration, [this, pairs, f] {
    if (healed_) return;
    // Some networks forget their connections meanwhile; others deliver in the end.
    if (f.kind != fault_kind::clogged && f.detail % 4 >= 2) network_.reset(pairs);
    network_.unblock(pairs);
  });
}

void real_faults::harm_links(const fault& f) {
  const auto strength = static_cast<std::uint32_t>(f.detail % 4 + 1);
  auto pairs = sim::all_pairs(hosts());
  link_harm how;
  if (f.kind == fault_kind::lossy) how.broken_per_thousand = strength * 5;
  if (f.kind == fault_kind::corrupting) how.flipped_per_thousand = strength * 5;
  if (f.kind == fault_kind::slow_link) {
    how.delay = std::chrono::milliseconds{f.detail * 4};
    pairs = sim::pairs_around(f.target % members_.size(), hosts());
  }
  const auto one = sim::common_host(pairs);
  took_effect(f, one ? std::vector{*one} : std::vector<sim::host_id>{});
  network_.harm(pairs, how);
  // Of two that overlap the first to end ends both.
  after(f.duration, [this, pairs] { network_.harm(pairs, {}); });
}

void real_faults::end_members(const fault& f, std::uint64_t group, int signal) {
  std::vector<sim::host_id> ended;
  for (std::size_t i = 0; i < members_.size(); ++i) {
    if (((group >> i) & 1U) == 0 || members_[i].down) continue;
    // One that stands still hears of no signal but this.
    if (members_[i].paused && signal != SIGKILL) continue;
    ended.push_back(i);
    is_now(i, "down");
    members_[i].down = true;
    cluster_.signal(i, signal);
    after(f.duration, [this, i] { start(i); });
  }
  if (!ended.empty()) took_effect(f, ended);
}

void real_faults::pause(const fault& f) {
  const std::size_t one = f.target % members_.size();
  if (members_[one].down || members_[one].paused) return;
  took_effect(f, {one});
  is_now(one, "paused");
  members_[one].paused = true;
  cluster_.signal(one, SIGSTOP);
  after(f.duration, [this, one] {
    members_[one].paused = false;
    if (members_[one].down) return;
    is_now(one, "serving");
    cluster_.signal(one, SIGCONT);
  });
}

void real_faults::start(std::size_t place) {
  if (!members_[place].down) return;
  members_[place].down = members_[place].paused = false;
  is_now(place, "serving");
  if (const absl::Status started = cluster_.restart(place); !started.ok())
    troubles_.push_back(std::string{started.message()});
}

void real_faults::heal() {
  healed_ = true;
  network_.heal();
  for (std::size_t i = 0; i < members_.size(); ++i) {
    if (std::exchange(members_[i].paused, false) && !members_[i].down) {
      is_now(i, "serving");
      cluster_.signal(i, SIGCONT);
    }
    start(i);
  }
}

std::vector<std::string> real_faults::troubles() {
  for (std::size_t i = 0; i < members_.size(); ++i) {
    if (members_[i].down) continue;
    const auto code = cluster_.exit_code(i);
    if (!code) continue;
    members_[i].down = true;
    troubles_.push_back(absl::StrCat("n", i + 1, " ended by itself, with ", *code));
  }
  return std::exchange(troubles_, {});
}

std::optional<sim::host_id> real_faults::leader() const {
  const std::vector<std::string> servers = split_list(cluster_.servers());
  std::optional<sim::host_id> found;
  std::uint64_t term = 0;
  for (std::size_t i = 0; i < servers.size(); ++i) {
    if (members_[i].down || members_[i].paused) continue;
    const auto answer = client::status_of(servers[i], std::chrono::milliseconds{100});
    if (!answer.ok() || answer->role != "leader" || answer->term < term) continue;
    found = i;
    term = answer->term;
  }
  return found;
}

void real_faults::took_effect(const fault& f, const std::vector<sim::host_id>& hosts) {
  ++fired_[f.kind];
  if (tell) tell(now_, f, hosts);
}

void real_faults::is_now(std::size_t place, const char* state) {
  if (tell_member) tell_member(now_, place, state);
}

}  // namespace atomix::tools
