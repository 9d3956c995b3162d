// SPDX-License-Identifier: Apache-2.0
#include "sim/fault_player.hpp"

#include "sim/recorder.hpp"

#include <absl/status/status.h>
#include <absl/strings/str_cat.h>

#include <algorithm>

namespace atomix::sim {

fault_player::fault_player(world& w, network& n, cluster& c)
    : world_(w), network_(n), cluster_(c), heard_before_(listen_to_fault_points(this)) {
  cluster_.properties().watch_by(this);
}

fault_player::~fault_player() {
  cluster_.properties().watch_by(nullptr);
  listen_to_fault_points(heard_before_);
}

void fault_player::play(const fault_plan& plan, std::uint64_t core) {
  core_ = core;
  for (const fault& f : plan.faults) {
    world_.at(f.start, process_id{}, [this, f] {
      if (!healed_) begin(f.lasting ? aimed(f) : f);
    });
  }
}

// As often as not at whoever leads: the others must find out, and do without.
fault fault_player::aimed(fault f) const {
  const auto leader = cluster_.leader();
  if (f.detail % 2 == 0 || !leader) return f;
  f.target = *leader;
  f.group = std::uint64_t{1} << *leader;
  return f;
}

void fault_player::heal() {
  healed_ = true;
  if (recorder* const record = world_.recording()) record->healed();
  for (std::size_t i = 0; i < effects_.size(); ++i)
    ask(i);
  armed_.clear();
  hunts_.clear();
  for (const auto& [from, to] : blocked_)
    network_.paths().unblock(from, to);
  blocked_.clear();
  for (const auto& [from, to] : all_pairs(hosts()))
    network_.paths().reset_quality(from, to);
  network_.paths().set_normal({});
  for (std::size_t i = 0; i < cluster_.replicas(); ++i) {
    cluster_.unpause(i);
    cluster_.mend(i);
    if (!in_core(i)) {
      leave_out(i);
      continue;
    }
    cluster_.manner_of(i).slower = 1;
    cluster_.disk_of(i).forget_faults();
    cluster_.set_clock_rate(i, 1'000'000);
    cluster_.start_again(i);
  }
}

// Half of those outside of the core are down for good, the others cut off for good.
void fault_player::leave_out(std::size_t replica) {
  if ((core_ >> (replica + 32)) & 1U) return cluster_.end(replica, ending::power_loss);
  for (const auto& [from, to] : pairs_around(replica, hosts()))
    network_.paths().block(from, to);
}

void fault_player::begin(const fault& f) {
  world_.note(trace_kind::fault, process_id{}, static_cast<std::uint64_t>(f.kind), [&] {
    return absl::StrCat(std::string{to_string(f.kind)}, " target=", f.target, " group=", f.group);
  });
  switch (f.kind) {
    case fault_kind::halves:
    case fault_kind::isolated:
    case fault_kind::isolated_leader:
    case fault_kind::one_way:
    case fault_kind::bridge:
    case fault_kind::ring:
    case fault_kind::chain:
    case fault_kind::star:
    case fault_kind::leader_sees_few:
    case fault_kind::partial:
    case fault_kind::client_cut:
    case fault_kind::clients_cut:
      return partition(f, blocked_by(f, hosts(), cluster_.leader()));
    case fault_kind::half_open:
      return open_half(f);
    case fault_kind::killed:
      return end_replicas(f, f.group, ending::killed);
    case fault_kind::power_loss:
      return end_replicas(f, f.group, ending::power_loss);
    case fault_kind::blackout:
      return end_replicas(f, ~std::uint64_t{0}, ending::power_loss);
    case fault_kind::stopped:
      return crash_one(f, replica_of(f), ending::stopped);
    case fault_kind::struck:
      return strike(f);
    case fault_kind::paused:
      return pause(f);
    case fault_kind::client_paused:
      // As often as not just when it is about to be answered.
      return f.detail % 2 == 0 ? hunt(f) : pause_client(f);
    case fault_kind::clock_jump:
    case fault_kind::clock_rate:
      return bend_clock(f);
    case fault_kind::clogged:
    case fault_kind::lossy:
    case fault_kind::corrupting:
    case fault_kind::slow_link:
      return worsen_links(f);
    case fault_kind::slow_disk:
      return slow_disk(f);
    case fault_kind::failed_sync:
    case fault_kind::failed_write:
      return fail_disk(f);
    case fault_kind::full_disk:
      return fill_disk(f);
    case fault_kind::hunted_leader:
    case fault_kind::hunted_candidate:
    case fault_kind::hunted_newcomer:
      return hunt(f);
    case fault_kind::bit_rot:
      return harm(f, damage_kind::flipped_bit);
    case fault_kind::stray_write:
      return harm(f, damage_kind::stray_write);
    case fault_kind::bad_sector:
      return harm(f, damage_kind::bad_sector);
    case fault_kind::lost_disk:
      return lose_disk(f);
  }
}

void fault_player::worsen_links(const fault& f) {
  link_quality worse = network_.paths().normal();
  const auto strength = static_cast<std::uint32_t>(f.detail % 4 + 1);
  const auto of_one = pairs_around(replica_of(f), hosts());
  switch (f.kind) {
    case fault_kind::slow_link:
      worse.base = f.detail * 4 * millisecond;
      worse.tail = f.detail * millisecond;
      return change_links(f, of_one, worse);
    case fault_kind::clogged:
      worse.base = f.duration;
      worse.tail = 0;
      return change_links(f, of_one, worse);
    case fault_kind::corrupting:
      worse.corrupt_ppm = strength * 1'000;
      return change_links(f, all_pairs(hosts()), worse);
    default:
      worse.lost_ppm = strength * strength * 10'000;
      worse.repeated_ppm = strength * 20'000;
      worse.reordered_ppm = strength * 50'000;
      return change_links(f, all_pairs(hosts()), worse);
  }
}

void fault_player::partition(const fault& f, const host_pairs& pairs) {
  if (pairs.empty()) return;
  const std::size_t effect = took_effect(f.kind, once_sent(pairs, &link_counts::swallowed));
  tell_partition(f, pairs);
  for (const auto& [from, to] : pairs)
    network_.paths().block(from, to);
  blocked_.insert(blocked_.end(), pairs.begin(), pairs.end());
  world_.after(f.duration, process_id{}, [this, pairs, effect] {
    close(effect);
    if (healed_) return;
    for (const auto& pair : pairs) {
      network_.paths().unblock(pair.first, pair.second);
      blocked_.erase(std::find(blocked_.begin(), blocked_.end(), pair));
    }
  });
}

void fault_player::change_links(
    const fault& f, const host_pairs& pairs, const link_quality& quality) {
  const auto what = quality.harms_frames() ? &link_counts::harmed : &link_counts::carried;
  const std::size_t effect = took_effect(f.kind, once_sent(pairs, what));
  tell_partition(f, pairs);
  for (const auto& [from, to] : pairs)
    network_.paths().set_quality(from, to, quality);
  // Of two that overlap the first to end ends both.
  world_.after(f.duration, process_id{}, [this, pairs, effect] {
    close(effect);
    for (const auto& [from, to] : pairs)
      network_.paths().reset_quality(from, to);
  });
}

void fault_player::end_replicas(const fault& f, std::uint64_t group, ending how) {
  for (std::size_t i = 0; i < cluster_.replicas(); ++i) {
    if (((group >> i) & 1U) != 0) crash_one(f, i, how);
  }
}

void fault_player::crash_one(const fault& f, std::size_t replica, ending how) {
  if (!cluster_.is_running(replica)) return;
  ++fired_[f.kind];
  tell(f, f.duration, {cluster_.host_of_replica(replica)}, "");
  // Every other crash comes in the middle of what the actors are doing, not when all are at rest.
  const std::uint64_t steps =
      f.kind == fault_kind::blackout || f.detail % 2 == 0 ? 0 : f.detail / 2;
  world_.after_actor_steps(steps, [this, kind = f.kind, replica, how, down = f.duration] {
    if (end_replica(replica, how)) ++mattered_[kind];
    // An end in order takes its time, so the return is counted from when it began.
    come_back(replica, down);
  });
}

void fault_player::pause(const fault& f) {
  const std::size_t replica = replica_of(f);
  if (!cluster_.is_running(replica)) return;
  const std::size_t effect =
      took_effect(f.kind, [this, replica] { return cluster_.is_held_up(replica); });
  tell(f, f.duration, {cluster_.host_of_replica(replica)}, "");
  cluster_.pause(replica);
  world_.after(f.duration, process_id{}, [this, replica, effect] {
    close(effect);
    cluster_.unpause(replica);
  });
}

void fault_player::pause_client(const fault& f) {
  const std::size_t client = f.target % hosts().clients;
  const std::size_t effect =
      took_effect(f.kind, [this, client] { return cluster_.is_client_held_up(client); });
  tell(f, f.duration, {cluster_.host_of_client(client)}, "");
  cluster_.pause_client(client);
  world_.after(f.duration, process_id{}, [this, client, effect] {
    close(effect);
    cluster_.unpause_client(client);
  });
}

void fault_player::slow_disk(const fault& f) {
  const std::size_t effect = took_effect(f.kind, once_worked({replica_of(f)}));
  disk_manner& manner = cluster_.manner_of(replica_of(f));
  manner.slower = 4 + f.detail * f.detail / 4;
  tell(
      f,
      f.duration,
      {cluster_.host_of_replica(replica_of(f))},
      absl::StrCat(manner.slower, " times as slow"));
  world_.after(f.duration, process_id{}, [this, &manner, effect] {
    close(effect);
    manner.slower = 1;
  });
}

void fault_player::fail_disk(const fault& f) {
  if (!cluster_.is_running(replica_of(f))) return;
  const bool syncs = f.kind == fault_kind::failed_sync;
  // It comes with the next one, whenever that is.
  const auto what = syncs ? &disk_counts::failed_syncs : &disk_counts::failed_writes;
  took_effect(f.kind, once_more(replica_of(f), what));
  tell(f, 0, {cluster_.host_of_replica(replica_of(f))}, "");
  disk& media = cluster_.disk_of(replica_of(f));
  const auto error = absl::InternalError("The device reports an error.");
  if (syncs) return media.fail_next_sync(error);
  media.fail_next_write(error);
}

void fault_player::fill_disk(const fault& f) {
  const auto refused = once_more(replica_of(f), &disk_counts::failed_writes);
  const std::size_t effect = took_effect(f.kind, refused);
  tell(f, f.duration, {cluster_.host_of_replica(replica_of(f))}, "");
  disk& media = cluster_.disk_of(replica_of(f));
  media.space_bytes(media.used_bytes() + f.detail * 64);
  world_.after(f.duration, process_id{}, [this, &media, effect] {
    close(effect);
    media.space_bytes(~std::uint64_t{0});
  });
}

void fault_player::open_half(const fault& f) {
  const std::size_t broken = network_.open_half(cluster_.host_of_replica(replica_of(f)), f.detail);
  if (broken == 0) return;
  took_effect(f.kind, [this, before = network_.counts().half_open_met] {
    return network_.counts().half_open_met != before;
  });
  const std::string what = absl::StrCat(broken, " connections are gone at one end");
  tell(f, 0, {cluster_.host_of_replica(replica_of(f))}, what);
}

void fault_player::bend_clock(const fault& f) {
  const std::size_t replica = replica_of(f);
  if (!cluster_.is_running(replica)) return;
  // Time is the leader's, and timeouts those of who asks for votes.
  const bool leads = cluster_.leader() == replica;
  const bool jumps = f.kind == fault_kind::clock_jump;
  const std::size_t effect = took_effect(f.kind, [=, this, since = world_.now()] {
    return leads || (!jumps && active_[replica] > since);
  });
  if (jumps) {
    // A few milliseconds or many seconds.
    const unsigned magnitude = static_cast<unsigned>(f.detail % 14);
    const sim_duration by = (std::uint64_t{5} << magnitude) * millisecond;
    tell(f, 0, {cluster_.host_of_replica(replica)}, absl::StrCat("by ", by / millisecond, " ms"));
    return cluster_.jump_clock(replica, by);
  }
  const std::uint64_t rate = 500'000 + f.detail * 23'000;
  tell(
      f,
      f.duration,
      {cluster_.host_of_replica(replica)},
      absl::StrCat("at ", rate / 10'000, " % of its speed"));
  cluster_.set_clock_rate(replica, rate);
  world_.after(f.duration, process_id{}, [this, replica, effect] {
    close(effect);
    cluster_.set_clock_rate(replica, 1'000'000);
  });
}

void fault_player::strike(const fault& f) {
  armed_[replica_of(f)] = f;
  // Who comes by no fault point meanwhile is spared.
  world_.after(
      f.duration, process_id{}, [this, replica = replica_of(f)] { armed_.erase(replica); });
}

std::map<std::string, std::uint64_t> fault_player::points() const {
  std::map<std::string, std::uint64_t> sorted;
  for (const passed_point& p : points_)
    sorted.emplace(p.name, p.times);
  return sorted;
}

void fault_player::reached(std::string_view point) {
  auto passed = std::find_if(
      points_.begin(), points_.end(), [&](const passed_point& p) { return p.name == point; });
  if (passed == points_.end()) passed = points_.insert(passed, {point, 0});
  ++passed->times;
  if (armed_.empty() || healed_) return;
  const auto here = std::find_if(armed_.begin(), armed_.end(), [&](const auto& each) {
    return cluster_.is_process_of(each.first, world_.running());
  });
  if (here == armed_.end()) return;
  // One in four that comes by: which point it is should not be always the same.
  prng which{here->second.detail + passed->times};
  if (!which.chance(1, 4)) return;
  const auto [replica, f] = *here;
  armed_.erase(here);
  ++fired_[f.kind];
  tell(
      f,
      f.duration,
      {cluster_.host_of_replica(replica)},
      absl::StrCat("at the fault point ", std::string{point}));
  const ending how = f.detail % 2 == 0 ? ending::power_loss : ending::killed;
  // The present step ends first; what it still writes or sends is cut off with the process.
  world_.after_actor_steps(1, [this, at = replica, how] {
    if (end_replica(at, how)) ++mattered_[fault_kind::struck];
  });
  come_back(replica, f.duration);
}

// Outside of the core nobody comes back once the faults are over.
void fault_player::come_back(std::size_t replica, sim_duration after) {
  world_.after(after + 60 * millisecond, process_id{}, [this, replica] {
    if (healed_ && !in_core(replica)) return;
    cluster_.start_again(replica);
  });
}

}  // namespace atomix::sim
