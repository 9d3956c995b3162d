// SPDX-License-Identifier: Apache-2.0
// Thesis 6.4: reads that cost no entry. One round of heartbeats confirms all reads that came before
// it.
#include "raft/base/planted.hpp"
#include "raft/base/probe.hpp"
#include "raft/core/quorum.hpp"
#include "raft/core/state.hpp"

#include <utility>

namespace atomix::raft {

void core::state::on(const raft::read& in) {
  auto* l = leading();
  if (l == nullptr) return sometimes(probe::read_without_leader);
  if (planted(bug::stale_leader_reads)) {
    out.reads.push_back({in.id, commit});
    return;
  }
  l->reads.waiting.push_back(in.id);
  start_read_round();
}

/// One round at a time: what comes meanwhile shares the next one.
void core::state::start_read_round() {
  auto& l = *leading();
  read_rounds& r = l.reads;
  if (!r.waiting.empty() && !r.asking.empty()) sometimes(probe::read_waits_for_round);
  if (r.waiting.empty() || !r.asking.empty()) return;
  // Until an entry of our own term is committed we do not know how much is (thesis 6.4, step 1).
  if (commit < l.first_of_term) sometimes(probe::read_waits_for_own_commit);
  if (commit < l.first_of_term && !planted(bug::read_before_own_commit)) return;
  ++r.round;
  r.index = commit;
  r.asking = std::exchange(r.waiting, {});
  if (r.asking.size() > 1) sometimes(probe::reads_share_round);
  for (auto& [id, p] : l.peers) {
    if (is_voter(active(), id)) send_heartbeat(id, p);
  }
  confirm_reads();
}

/// A lost message costs a heartbeat period: every timed heartbeat repeats the round's number.
void core::state::confirm_reads() {
  auto& l = *leading();
  read_rounds& r = l.reads;
  if (r.asking.empty()) return;
  const std::uint64_t least = r.round - (planted(bug::read_round_reused) ? 1 : 0);
  const bool confirmed = has_quorum(active(), [&](node_id id) {
    const auto peer = l.peers.find(id);
    return id == options.self || (peer != l.peers.end() && peer->second.round >= least);
  });
  if (!confirmed) return;
  for (const std::uint64_t id : std::exchange(r.asking, {}))
    out.reads.push_back({id, r.index});
  start_read_round();
}

}  // namespace atomix::raft
