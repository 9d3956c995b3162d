// SPDX-License-Identifier: Apache-2.0
#include "sim/bug_zoo.hpp"

#include <algorithm>

namespace atomix::sim {
namespace {

constexpr std::string_view changes = "changes of members";
constexpr std::string_view snapshots = "snapshots";

// clang-format off
constexpr zoo_entry entries[] = {
    {"M01", bug::vote_before_save, 2, "vote-before-save", "a vote is on the wire before it is on disk", "paper figure 2; akka-raft raft-56, raft-62", {}},
    {"M02", bug::votes_counted_twice, 1, "votes-counted-twice", "a vote that comes twice counts twice", "akka-raft raft-45", {}},
    {"M03", bug::late_vote_accepted, 2, "late-vote-accepted", "a vote of an earlier term counts", "akka-raft raft-46", {}},
    {"M04", bug::length_only_votes, 2, "length-only-votes", "the longer log is taken for the newer one", "paper 5.4.1", {}},
    {"M05", bug::old_term_counted, 3, "old-term-counted", "entries of earlier terms are committed by counting copies", "paper figure 8; PySyncObj #169", {}},
    {"M06", bug::none, 4, "change-before-own-commit", "members change before an entry of the leader's term is committed", "raft-dev, 2015; openraft #2051", changes},
    {"M07", bug::none, 2, "two-changes-at-once", "two changes of members are under way", "etcd raft; Scylla f31f73b1e8", changes},
    {"M08", bug::none, 3, "removed-leader-counts", "a leader that was removed counts itself", "etcd raft", changes},
    {"M09", bug::ack_before_sync, 1, "ack-before-sync", "appends are acknowledged before they are on disk", "etcd #14140", {}},
    {"M10", bug::leader_counts_unsynced, 2, "leader-counts-unsynced", "the leader counts its own entries before they are on disk", "etcd #14370", {}},
    {"M11", bug::stale_save_vouches, 4, "stale-save-vouches", "the end of a write vouches for an entry that replaced the written one", "etcd raft, async storage writes", {}},
    {"M12", bug::late_append_truncates, 2, "late-append-truncates", "a late append cuts off what came after it", "akka-raft raft-66; Copycat 98ca0d38", {}},
    {"M13", bug::commit_beyond_match, 2, "commit-beyond-match", "a follower commits more than the leader vouched for", "Copycat #266; Scylla #10578", {}},
    {"M14", bug::stale_leader_reads, 1, "stale-leader-reads", "a leader answers reads without asking whether it still leads", "etcd 0.4.1; RedisRaft #19", {}},
    {"M15", bug::read_before_own_commit, 3, "read-before-own-commit", "a fresh leader answers reads before it knows what is committed", "thesis 6.4", {}},
    {"M16", bug::read_round_reused, 4, "read-round-reused", "answers from before a read confirm it", "etcd #20418", {}},
    {"M17", bug::leadership_checked_early, 3, "leadership-checked-early", "leadership is checked before the read, and not after", "Copycat 04a86282", {}},
    {"M18", bug::none, 2, "lease-without-margin", "a lease trusts clocks that drift", "Copycat; etcd", "leases"},
    {"M19", bug::retry_applied_twice, 1, "retry-applied-twice", "a command that is sent again is applied again", "thesis 6.3; Copycat 60b0156f", {}},
    {"M20", bug::none, 2, "sessions-not-in-snapshot", "snapshots lack the sessions", "thesis 6.3; Copycat 449fb43e", snapshots},
    {"M21", bug::none, 2, "queue-not-in-snapshot", "snapshots lack who waits for a lock", "", snapshots},
    {"M22", bug::none, 3, "stale-configuration", "snapshots hold the wrong configuration", "Scylla 5550f1766f", snapshots},
    {"M23", bug::none, 3, "log-cut-too-early", "the log is cut before the snapshot is durable", "paper figure 13; Copycat b990011d", snapshots},
    {"M24", bug::damage_taken_for_torn, 2, "damage-taken-for-torn", "damage in the middle of a log is taken for a torn end", "PAR, FAST 2018", {}},
    {"M25", bug::failed_sync_ignored, 3, "failed-sync-ignored", "a failed sync is ignored", "Rebello, ATC 2020", {}},
    {"M26", bug::expiry_by_own_clock, 1, "expiry-by-own-clock", "each replica expires sessions by its own clock", "Copycat", {}},
    {"M27", bug::no_grace_after_failover, 2, "no-grace-after-failover", "a new leader keeps the old deadlines of sessions", "", {}},
    {"M28", bug::grant_to_dead_session, 2, "grant-to-dead-session", "a lock is granted to a waiter whose session has ended", "Jepsen, etcd 3.4.3", {}},
    {"M29", bug::events_resent_wrong, 2, "events-resent-wrong", "events are sent again from the wrong place", "Copycat 2b6f47fc; etcd #15220", {}},
    {"M30", bug::replay_judged_by_now, 3, "replay-judged-by-now", "a replay skips what sessions sent that have ended since", "Copycat b58413f7", {}},
    {"M31", bug::no_check_quorum, 2, "no-check-quorum", "a leader that nobody hears goes on leading", "Cloudflare, 2020", {}},
    {"M32", bug::pre_vote_deadlock, 3, "pre-vote-deadlock", "who asks from an earlier term gets no answer", "etcd raft", {}},
    {"M33", bug::unordered_apply, 1, "unordered-apply", "the order of applying depends on a hash", "", {}},
    {"M34", bug::none, 3, "old-snapshot-transfer", "a transfer of an earlier term goes on", "Scylla 9dad68e58d", snapshots},
};
// clang-format on

}  // namespace

std::span<const zoo_entry> bug_zoo() {
  return entries;
}

const zoo_entry* find_bug(std::string_view name) {
  const auto found = std::find_if(std::begin(entries), std::end(entries), [&](const zoo_entry& e) {
    return e.name == name || e.id == name;
  });
  return found == std::end(entries) ? nullptr : found;
}

}  // namespace atomix::sim
