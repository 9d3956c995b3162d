// SPDX-License-Identifier: Apache-2.0
#include "sim/bug_zoo.hpp"

#include <algorithm>

namespace atomix::sim {
namespace {

constexpr std::string_view changes = "changes of members";
constexpr std::string_view snapshots = "snapshots";

// clang-format off
constexpr zoo_entry entries[] = {
    {"M01", bug::vote_before_save, "vote-before-save", "a vote is on the wire before it is on disk", "paper figure 2; akka-raft raft-56, raft-62", 2, {}},
    {"M02", bug::votes_counted_twice, "votes-counted-twice", "a vote that comes twice counts twice", "akka-raft raft-45", 1, {}},
    {"M03", bug::late_vote_accepted, "late-vote-accepted", "a vote of an earlier term counts", "akka-raft raft-46", 2, {}},
    {"M04", bug::length_only_votes, "length-only-votes", "the longer log is taken for the newer one", "paper 5.4.1", 2, {}},
    {"M05", bug::old_term_counted, "old-term-counted", "entries of earlier terms are committed by counting copies", "paper figure 8; PySyncObj #169", 3, {}},
    {"M06", bug::none, "change-before-own-commit", "members change before an entry of the leader's term is committed", "raft-dev, 2015; openraft #2051", 4, changes},
    {"M07", bug::none, "two-changes-at-once", "two changes of members are under way", "etcd raft; Scylla f31f73b1e8", 2, changes},
    {"M08", bug::none, "removed-leader-counts", "a leader that was removed counts itself", "etcd raft", 3, changes},
    {"M09", bug::ack_before_sync, "ack-before-sync", "appends are acknowledged before they are on disk", "etcd #14140", 1, {}},
    {"M10", bug::leader_counts_unsynced, "leader-counts-unsynced", "the leader counts its own entries before they are on disk", "etcd #14370", 2, {}},
    {"M11", bug::stale_save_vouches, "stale-save-vouches", "the end of a write vouches for an entry that replaced the written one", "etcd raft, async storage writes", 4, {}},
    {"M12", bug::late_append_truncates, "late-append-truncates", "a late append cuts off what came after it", "akka-raft raft-66; Copycat 98ca0d38", 2, {}},
    {"M13", bug::commit_beyond_match, "commit-beyond-match", "a follower commits more than the leader vouched for", "Copycat #266; Scylla #10578", 2, {}},
    {"M14", bug::stale_leader_reads, "stale-leader-reads", "a leader answers reads without asking whether it still leads", "etcd 0.4.1; RedisRaft #19", 1, {}},
    {"M15", bug::read_before_own_commit, "read-before-own-commit", "a fresh leader answers reads before it knows what is committed", "thesis 6.4", 3, {}},
    {"M16", bug::read_round_reused, "read-round-reused", "answers from before a read confirm it", "etcd #20418", 4, {}},
    {"M17", bug::leadership_checked_early, "leadership-checked-early", "leadership is checked before the read, and not after", "Copycat 04a86282", 3, {}},
    {"M18", bug::none, "lease-without-margin", "a lease trusts clocks that drift", "Copycat; etcd", 2, "leases"},
    {"M19", bug::retry_applied_twice, "retry-applied-twice", "a command that is sent again is applied again", "thesis 6.3; Copycat 60b0156f", 1, {}},
    {"M20", bug::none, "sessions-not-in-snapshot", "snapshots lack the sessions", "thesis 6.3; Copycat 449fb43e", 2, snapshots},
    {"M21", bug::none, "queue-not-in-snapshot", "snapshots lack who waits for a lock", "", 2, snapshots},
    {"M22", bug::none, "stale-configuration", "snapshots hold the wrong configuration", "Scylla 5550f1766f", 3, snapshots},
    {"M23", bug::none, "log-cut-too-early", "the log is cut before the snapshot is durable", "paper figure 13; Copycat b990011d", 3, snapshots},
    {"M24", bug::damage_taken_for_torn, "damage-taken-for-torn", "damage in the middle of a log is taken for a torn end", "PAR, FAST 2018", 2, {}},
    {"M25", bug::failed_sync_ignored, "failed-sync-ignored", "a failed sync is ignored", "Rebello, ATC 2020", 3, {}},
    {"M26", bug::expiry_by_own_clock, "expiry-by-own-clock", "each replica expires sessions by its own clock", "Copycat", 1, {}},
    {"M27", bug::no_grace_after_failover, "no-grace-after-failover", "a new leader keeps the old deadlines of sessions", "", 2, {}},
    {"M28", bug::grant_to_dead_session, "grant-to-dead-session", "a lock is granted to a waiter whose session has ended", "Jepsen, etcd 3.4.3", 2, {}},
    {"M29", bug::events_resent_wrong, "events-resent-wrong", "events are sent again from the wrong place", "Copycat 2b6f47fc; etcd #15220", 2, {}},
    {"M30", bug::replay_judged_by_now, "replay-judged-by-now", "a replay skips what sessions sent that have ended since", "Copycat b58413f7", 3, {}},
    {"M31", bug::no_check_quorum, "no-check-quorum", "a leader that nobody hears goes on leading", "Cloudflare, 2020", 2, {}},
    {"M32", bug::pre_vote_deadlock, "pre-vote-deadlock", "who asks from an earlier term gets no answer", "etcd raft", 3, {}},
    {"M33", bug::unordered_apply, "unordered-apply", "the order of applying depends on a hash", "", 1, {}},
    {"M34", bug::none, "old-snapshot-transfer", "a transfer of an earlier term goes on", "Scylla 9dad68e58d", 3, snapshots},
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
