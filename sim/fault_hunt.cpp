// SPDX-License-Identifier: Apache-2.0
// Faults that wait for their prey: whoever comes to lead, asks for votes, or opens a session. What
// happens to it is drawn from the fault's own numbers; who it is, and when, follows from the run.
#include "sim/fault_player.hpp"

#include "resources/session.pb.h"

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <string>

namespace atomix::sim {
namespace {

bool appends_a_command(const raft::effects& out) {
  const auto& saved = out.save.entries;
  return std::any_of(saved.begin(), saved.end(), [](const raft::entry& e) {
    return e.kind == raft::entry_kind::command;
  });
}

/// Whether `is_it` says so of something that is committed.
template <class Question>
bool commits(const raft::effects& out, const Question& is_it) {
  return std::any_of(out.committed.begin(), out.committed.end(), [&](const raft::entry& e) {
    const auto bytes = e.data.view();
    log::Entry body;
    return e.kind == raft::entry_kind::command
           && body.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())) && is_it(body);
  });
}

bool opens_a_session(const raft::effects& out) {
  return commits(out, [](const log::Entry& e) { return e.has_open_session(); });
}

bool carries_a_command(const raft::effects& out, session_id session) {
  return commits(out, [session](const log::Entry& e) {
    return e.has_command() && e.command().session() == session.value();
  });
}

}  // namespace

void fault_player::hunt(const fault& f) {
  hunting h;
  h.f = f;
  h.end = world_.now() + f.duration;
  h.chance = prng{(f.target << 40U) ^ (f.group << 16U) ^ f.detail};
  hunts_.push_back(std::move(h));
}

void fault_player::stepped(const raft::status& now, const raft::effects& out) {
  if (now.role == raft::role_name::follower) return;
  const std::size_t replica = cluster_.replica_of(now.self);
  active_[replica] = world_.now();
  std::erase_if(hunts_, [&](const hunting& h) { return h.end <= world_.now(); });
  const bool answers = now.role == raft::role_name::leader && !out.committed.empty();
  for (hunting& h : hunts_) {
    if (h.f.kind == fault_kind::hunted_newcomer) {
      if (answers && opens_a_session(out)) go_after_newcomers(h);
    } else if (h.f.kind == fault_kind::client_paused) {
      if (answers) go_after_client(h, out);
    } else {
      go_after(h, replica, now, out);
    }
  }
}

/// What it is told waits for it until it wakes, and may be out of date by then.
void fault_player::go_after_client(hunting& h, const raft::effects& out) {
  const std::size_t client = h.f.target % hosts().clients;
  const session_id session = cluster_.session_of(client);
  if (session.is_none() || !carries_a_command(out, session)) return;
  fault still = h.f;
  still.duration = h.end - world_.now();
  h.end = world_.now();  // once
  world_.after(0, process_id{}, [this, still] {
    if (!healed_) pause_client(still);
  });
}

/// The leader is about to answer one of them, or several.
void fault_player::go_after_newcomers(hunting& h) {
  constexpr sim_duration time_to_strike = 3 * second;
  if (h.end < world_.now() + time_to_strike) return;
  for (std::size_t i = 0; i < hosts().clients; ++i) {
    if (!cluster_.is_newcomer(i) || h.struck.contains(i)) continue;
    h.struck[i] = h.end;
    fault one = h.f;
    one.target = i;
    one.duration = h.end - world_.now();
    world_.note(trace_kind::fault, process_id{}, i, [&] {
      return absl::StrCat(std::string{to_string(one.kind)}, " strikes c", i + 1);
    });
    strike_newcomer(one, h.chance);
  }
}

/// The answer waits for it while it stands still. As soon as it has taken that in it is out of
/// reach, so that nothing else tells it how long its session lives.
void fault_player::strike_newcomer(const fault& one, prng& chance) {
  fault still = one;
  still.duration = chance.between(300, 2'000) * millisecond;
  fault cut = one;
  cut.duration -= still.duration;
  world_.after(0, process_id{}, [this, still, cut] {
    if (healed_) return;
    pause_client(still);
    world_.after(still.duration, process_id{}, [this, cut] { cut_off_next(cut); });
  });
}

/// Now it wakes, and what has waited for it comes first.
void fault_player::cut_off_next(const fault& cut) {
  world_.after(microsecond, process_id{}, [this, cut] {
    if (!healed_) partition(cut, pairs_around(cluster_.host_of_client(cut.target), hosts()));
  });
}

/// Leaders get little time to replicate what they append, so that logs differ as much as they can;
/// candidates are alone with the term that they asked for. A minority at a time, or nothing goes on
/// any more.
void fault_player::go_after(
    hunting& h, std::size_t replica, const raft::status& now, const raft::effects& out) {
  const bool leader = h.f.kind == fault_kind::hunted_leader;
  if (now.role != (leader ? raft::role_name::leader : raft::role_name::candidate)) return;
  std::erase_if(h.struck, [&](const auto& each) { return each.second <= world_.now(); });
  const std::size_t most = std::max<std::size_t>(1, (cluster_.replicas() - 1) / 2);
  if (h.struck.contains(replica) || h.struck.size() >= most) return;
  // As often as not a leader is left alone until it has appended something of a client's.
  term_t& known = h.awaited[replica];
  const bool fresh = known != now.state.term;
  known = now.state.term;
  if (!fresh && !(leader && appends_a_command(out))) return;
  if (leader && fresh && h.chance.chance(1, 2)) return;
  fault one = h.f;
  one.target = replica;
  one.duration = h.chance.between(100, 900) * millisecond;
  one.detail = h.chance.below(64);
  h.struck[replica] = world_.now() + one.duration;
  world_.note(trace_kind::fault, process_id{}, replica, [&] {
    return absl::StrCat(std::string{to_string(one.kind)}, " strikes n", replica + 1);
  });
  if (leader) return strike_leader(one, h.chance);
  strike_candidate(one, h.chance);
}

void fault_player::strike_leader(const fault& one, prng& chance) {
  switch (chance.below(8)) {
    case 0:
      return strike_soon(one, chance, &fault_player::pause);
    case 1:
      return strike_soon(one, chance, &fault_player::lose_power);
    case 2:
      return strike_soon(one, chance, &fault_player::kill);
    case 3:
      return fill_disk(one);
    case 4:
      return slow_disk(one);
    default:
      // Within the step: what it has just ordered to be sent does not leave any more.
      return partition(one, strangling(one.target, chance));
  }
}

void fault_player::strike_candidate(const fault& one, prng& chance) {
  switch (chance.below(6)) {
    case 0:
      return strike_soon(one, chance, &fault_player::pause);
    case 1:
      return strike_soon(one, chance, &fault_player::lose_power);
    case 2:
      return partition(one, strangling(one.target, chance));
    default:
      return hinder_voters(one, chance);
  }
}

/// Between two steps: at once, or when something of what was sent has arrived.
void fault_player::strike_soon(
    const fault& one, prng& chance, void (fault_player::*blow)(const fault&)) {
  const sim_duration wait = chance.below(2) * chance.between(50, 3'000) * microsecond;
  fault at_rest = one;
  at_rest.detail = 0;
  world_.after(wait, process_id{}, [this, at_rest, blow] {
    if (!healed_) (this->*blow)(at_rest);
  });
}

/// Their votes are so long on their way to the disk that they come when the candidate has moved on
/// to another term.
void fault_player::hinder_voters(const fault& one, prng& chance) {
  const std::uint64_t slower = chance.between(1'000, 8'000);
  std::vector<std::size_t> replicas;
  std::vector<host_id> voters;
  for (std::size_t i = 0; i < cluster_.replicas(); ++i) {
    if (i == one.target) continue;
    replicas.push_back(i);
    voters.push_back(cluster_.host_of_replica(i));
    cluster_.manner_of(i).slower = slower;
  }
  const std::size_t effect = took_effect(one.kind, once_worked(replicas));
  const sim_duration lasts = chance.between(5, 50) * millisecond;
  tell(one, lasts, voters, absl::StrCat("disks ", slower, " times as slow"));
  world_.after(lasts, process_id{}, [this, prey = one.target, effect] {
    close(effect);
    for (std::size_t i = 0; i < cluster_.replicas(); ++i)
      if (i != prey) cluster_.manner_of(i).slower = 1;
  });
}

/// Cut off from everybody; or nobody hears it, and it goes on; or of the replicas only one reaches
/// it, while clients give it more to do.
host_pairs fault_player::strangling(std::size_t replica, prng& chance) const {
  const host_id host = cluster_.host_of_replica(replica);
  const host_id friendly = cluster_.host_of_replica(chance.below(cluster_.replicas()));
  const std::uint64_t how = chance.below(3);
  host_pairs pairs = pairs_around(host, hosts());
  std::erase_if(pairs, [&](const auto& pair) {
    const host_id other = pair.first == host ? pair.second : pair.first;
    if (how == 0) return false;
    if (how == 1) return pair.first != host;
    return other >= cluster_.replicas() || other == friendly;
  });
  return pairs;
}

}  // namespace atomix::sim
