// SPDX-License-Identifier: Apache-2.0
// Thesis 3.5 and 3.6 (replication, commit), 10.2.1 (the leader writes while it sends).
#include "raft/base/check.hpp"
#include "raft/base/planted.hpp"
#include "raft/base/probe.hpp"
#include "raft/core/configuration.hpp"
#include "raft/core/quorum.hpp"
#include "raft/core/state.hpp"

#include <algorithm>
#include <utility>

namespace atomix::raft {

// --- Follower

void core::state::receive(node_id from, const append_request& m) {
  ATOMIX_CHECK(leading() == nullptr, "a term has one leader");
  become_follower(hard.term, from);
  if (!log.holds(m.previous)) {
    const bool gap = m.previous.index > log.last().index;
    sometimes(gap ? probe::append_beyond_log : probe::append_in_conflict);
    const entry_id hint = log.last_within(m.previous);
    promise(from, append_reply{hard.term, false, m.previous.index, hint});
    return;
  }
  accept_entries(m.entries);
  if (planted(bug::late_append_truncates) && !m.entries.empty()
      && m.entries.back().id.index < log.last().index)
    log.truncate(m.entries.back().id.index.next());
  const index_t vouched = m.entries.empty() ? m.previous.index : m.entries.back().id.index;
  if (vouched < log.last().index) sometimes(probe::append_within_log);
  const index_t known = planted(bug::commit_beyond_match) ? log.last().index : vouched;
  commit = std::max(commit, std::min(m.commit, known));
  promise(from, append_reply{hard.term, true, vouched, {}});
}

/// A repeated or late append must not cut what came after it, so only a real conflict truncates.
void core::state::accept_entries(const std::vector<entry>& entries) {
  for (const entry& e : entries) {
    if (e.id.index <= log.last().index) {
      const bool known = log.holds(e.id);
      sometimes(known ? probe::entry_repeated : probe::entry_replaced);
      if (known) continue;
      ATOMIX_CHECK(e.id.index > commit, "committed entries are never replaced");
      log.truncate(e.id.index);
      while (configurations.back().first > log.last().index)
        configurations.pop_back();
    }
    append(e);
  }
}

void core::state::receive(node_id from, const heartbeat& m) {
  ATOMIX_CHECK(leading() == nullptr, "a term has one leader");
  become_follower(hard.term, from);
  if (hear_commit(m.commit)) sometimes(probe::commit_by_heartbeat);
  send(from, heartbeat_reply{hard.term, m.round});
}

/// The leader names no index that we have not told it is in our log; returns whether it is news.
bool core::state::hear_commit(index_t told) {
  const index_t known = std::min(told, log.last().index);
  if (known <= commit) return false;
  commit = known;
  return true;
}

// --- Leader

void core::state::receive(node_id from, const append_reply& m) {
  auto* l = leading();
  if (l == nullptr) return;
  const auto peer = l->peers.find(from);
  if (peer == l->peers.end()) return;
  progress& p = peer->second;
  p.heard_tick = l->ticks;
  if (m.accepted) {
    ATOMIX_CHECK(m.index <= log.last().index, "followers accept only what the leader has");
    p.accepted(m.index);
    advance_commit();
  } else {
    const index_t retry = log.last_within(m.hint).index.next();
    if (retry < m.index) sometimes(probe::refusal_skips_entries);
    p.refused(m.index, retry);
  }
  if (leading() != nullptr) replicate(from, p);
}

void core::state::receive(node_id from, const heartbeat_reply& m) {
  auto* l = leading();
  if (l == nullptr) return;
  const auto peer = l->peers.find(from);
  if (peer == l->peers.end()) return;
  progress& p = peer->second;
  p.heard_tick = l->ticks;
  p.round = std::max(p.round, m.round);
  if (p.heartbeat_answered()) {
    sometimes(probe::append_sent_again);
    replicate(from, p);
  }
  confirm_reads();
}

void core::state::append(entry e) {
  out.save.entries.push_back(e);
  if (e.kind == entry_kind::configuration) {
    auto c = decode_configuration(e.data.view());
    ATOMIX_CHECK(c.ok(), "a configuration in the log can be read");
    // In force from here on, not from its commit on (thesis 4.1).
    use_configuration(e.id.index, *std::move(c));
  }
  log.append(std::move(e));
}

void core::state::append_own(entry_kind kind, shared_bytes data) {
  const entry_id id{hard.term, log.last().index.next()};
  append({id, kind, std::max(log.last_time(), leader_now()), std::move(data)});
  if (planted(bug::leader_counts_unsynced)) {
    leading()->match = log.last().index;
    log.note_saved(log.last());
    advance_commit();
  }
}

void core::state::replicate_to_all() {
  for (auto& [id, p] : leading()->peers)
    replicate(id, p);
}

void core::state::replicate(node_id to, progress& p) {
  while (p.next() <= log.last().index && p.may_send(options.inflight_bytes_max)) {
    if (p.next() < log.first_cached()) {
      sometimes(probe::follower_needs_disk);
      p.load_started();
      out.loads.push_back({to, p.next(), options.append_bytes_max});
      return;
    }
    send_append(to, p, log.slice(p.next(), options.append_bytes_max));
  }
  if (p.next() <= log.last().index) sometimes(probe::follower_must_wait);
}

void core::state::send_append(node_id to, progress& p, std::vector<entry> entries) {
  const index_t previous = p.next().previous();
  const index_t last = entries.back().id.index;
  std::size_t bytes = 0;
  for (const entry& e : entries)
    bytes += log_view::cost(e);
  p.sent(last, bytes);
  send(
      to, append_request{hard.term, {log.term_at(previous), previous}, commit, std::move(entries)});
}

void core::state::on(const loaded& in) {
  auto* l = leading();
  if (l == nullptr) return;
  const auto peer = l->peers.find(in.peer);
  if (peer == l->peers.end()) return;
  progress& p = peer->second;
  p.load_ended(!in.entries.empty());
  // Storage may have read while a write replaced the entries, or for a leader that we were before.
  const bool ours = std::all_of(
      in.entries.begin(), in.entries.end(), [&](const entry& e) { return log.holds(e.id); });
  const bool fits = !in.entries.empty() && in.entries.front().id.index == p.next();
  if (!ours || !fits) sometimes(probe::load_outdated);
  if (ours && fits && p.may_send(options.inflight_bytes_max)) send_append(in.peer, p, in.entries);
  replicate(in.peer, p);
}

void core::state::send_heartbeat(node_id to, const progress& p) {
  // Never beyond what the follower is known to hold: the rest of its log may not be ours.
  const index_t held = planted(bug::commit_beyond_match) ? commit : p.match();
  send(to, heartbeat{hard.term, std::min(commit, held), leading()->reads.round});
}

void core::state::beat() {
  auto& l = *leading();
  l.heartbeat_elapsed = 0;
  for (auto& [id, p] : l.peers) {
    p.heartbeat_due();
    send_heartbeat(id, p);
  }
}

void core::state::advance_commit() {
  const auto& l = *leading();
  const index_t held = quorum_index(active(), [&](node_id id) {
    if (id == options.self) return l.match;
    const auto peer = l.peers.find(id);
    return peer == l.peers.end() ? index_t{} : peer->second.match();
  });
  // Only entries of our own term are committed by counting copies; older ones follow along (thesis
  // 3.6.2). Otherwise a later leader could overwrite an entry that was on a majority – paper figure
  // 8, tests/scripts/raft/old_term_is_not_counted.txt.
  const bool own_term = log.term_at(held) == hard.term || planted(bug::old_term_counted);
  if (held > commit && !own_term) sometimes(probe::old_term_not_counted);
  if (held <= commit || !own_term) return;
  if (l.match < held) sometimes(probe::committed_before_own_save);
  if (log.term_at(commit.next()) != hard.term) sometimes(probe::old_entries_committed);
  commit = held;
  start_read_round();
  // A leader that is not a member any more has done its last duty (thesis 4.2.2).
  const bool settled = configurations.back().first <= commit;
  if (settled && !configurations.back().first.is_none() && !votes()) {
    become_follower(hard.term, node_id{});
  }
}

void core::state::use_configuration(index_t at, configuration c) {
  configurations.emplace_back(at, std::move(c));
  if (leading() != nullptr) sync_peers();
}

/// The leader knows exactly the members of the configuration in force.
void core::state::sync_peers() {
  auto& l = *leading();
  std::set<node_id> members = active().voters;
  members.insert(active().outgoing.begin(), active().outgoing.end());
  members.insert(active().learners.begin(), active().learners.end());
  members.erase(options.self);
  std::erase_if(l.peers, [&](const auto& peer) { return !members.contains(peer.first); });
  for (const node_id id : members) {
    const auto [peer, fresh] = l.peers.try_emplace(id, log.last().index.next());
    if (fresh) peer->second.heard_tick = l.ticks;
  }
}

}  // namespace atomix::raft
