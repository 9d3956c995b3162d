// SPDX-License-Identifier: Apache-2.0
// Thesis 3.4 (elections), 6.2 and 9.6 (check-quorum, stickiness, pre-vote).
#include "raft/base/check.hpp"
#include "raft/base/planted.hpp"
#include "raft/base/probe.hpp"
#include "raft/core/quorum.hpp"
#include "raft/core/state.hpp"

#include <algorithm>
#include <utility>

namespace atomix::raft {

node_id core::state::known_leader() const {
  const auto* f = std::get_if<follower>(&role);
  return f != nullptr ? f->leader : node_id{};
}

bool core::state::sticks_to_leader(node_id asking) const {
  if (leading() != nullptr) return true;  // check-quorum ends a leader's term, nobody's wish does
  const node_id known = known_leader();
  // A leader that asks for votes has obviously stopped leading: it restarted.
  return !known.is_none() && known != asking && election_elapsed < options.election_ticks;
}

void core::state::receive(node_id from, const vote_request& m) {
  const bool newer = m.term > hard.term;
  if (newer && sticks_to_leader(from)) return sometimes(probe::vote_refused_for_leader);
  if (newer && m.kind == ballot::vote) follow_nobody(m.term);
  const bool rival = m.kind == ballot::vote && m.term == hard.term && from != options.self;
  if (rival && std::holds_alternative<candidate>(role)) {
    // If he wins we hear of it at once, and a pre-vote then harms nobody; if the votes are split,
    // and those missing are of nodes that are down, nobody will, and a full timeout would be lost.
    sometimes(probe::votes_split);
    retry_soon();
  }
  // A pre-vote for a term that is not ours yet promises nothing, so it may go to several nodes.
  const bool free = hard.vote.is_none() && known_leader().is_none() && leading() == nullptr;
  const bool may = hard.vote == from || free || (newer && m.kind == ballot::pre_vote);
  // Whoever is asked answers, member or not: the asking node may know of a configuration that has
  // not reached us (thesis 4.2.2). Ballots of nodes without a vote are not counted.
  bool up_to_date = m.last >= log.last();  // thesis 3.6.1
  if (planted(bug::length_only_votes)) up_to_date = m.last.index >= log.last().index;
  const bool granted = may && up_to_date;
  if (!may) sometimes(probe::vote_given_already);
  if (may && !up_to_date) sometimes(probe::vote_refused_for_older_log);
  const vote_reply reply{granted ? m.term : hard.term, m.kind, granted};
  if (m.kind == ballot::pre_vote) {
    send(from, reply);
    return;
  }
  if (granted) {
    if (hard.vote == from) sometimes(probe::vote_repeated);
    hard.vote = from;
    reset_election_timer();
  }
  if (planted(bug::vote_before_save)) return send(from, reply);
  promise(from, reply);
}

void core::state::receive(node_id from, const vote_reply& m) {
  if (auto* p = std::get_if<pre_candidate>(&role); p && m.kind == ballot::pre_vote) {
    if (!m.granted || m.term == hard.term.next()) count_ballot(p->ballots, from, m.granted);
  } else if (auto* c = std::get_if<candidate>(&role); c && m.kind == ballot::vote) {
    count_ballot(c->ballots, from, m.granted);
  } else {
    sometimes(probe::vote_too_late);
  }
}

void core::state::count_ballot(std::map<node_id, bool>& ballots, node_id from, bool granted) {
  if (planted(bug::votes_counted_twice) && ballots.contains(from)) {
    for (const node_id other : active().voters)
      if (ballots.emplace(other, granted).second) break;
  }
  ballots.insert_or_assign(from, granted);
  const poll result = tally(active(), ballots);
  if (result == poll::won) {
    if (std::holds_alternative<pre_candidate>(role)) {
      campaign();
    } else {
      become_leader();
    }
  } else if (result == poll::lost) {
    const bool pre_vote = std::holds_alternative<pre_candidate>(role);
    sometimes(pre_vote ? probe::pre_vote_lost : probe::election_lost);
    become_follower(hard.term, node_id{});
    retry_soon();
  }
}

void core::state::start_pre_vote() {
  if (std::holds_alternative<candidate>(role)) sometimes(probe::election_undecided);
  if (!known_leader().is_none()) sometimes(probe::leader_timed_out);
  role = pre_candidate{{{options.self, true}}};
  retry_soon();
  if (tally(active(), std::get<pre_candidate>(role).ballots) == poll::won) {
    sometimes(probe::lone_voter);
    campaign();
    return;
  }
  const vote_request request{hard.term.next(), log.last(), ballot::pre_vote};
  std::set<node_id> asked = active().voters;
  asked.insert(active().outgoing.begin(), active().outgoing.end());
  for (const node_id node : asked) {
    if (node != options.self) send(node, request);
  }
}

/// Our own vote travels like everybody's: it comes back once it is durable, and counts then. The
/// requests wait as well. They name our last entry, which must not be lost once somebody has voted
/// for it; and a vote that this incarnation asked for must not serve the next one with a shorter
/// log.
void core::state::campaign() {
  become_follower(hard.term.next(), node_id{});
  hard.vote = options.self;
  role = candidate{};
  promise(options.self, vote_reply{hard.term, ballot::vote, true});
  const vote_request request{hard.term, log.last(), ballot::vote};
  std::set<node_id> asked = active().voters;
  asked.insert(active().outgoing.begin(), active().outgoing.end());
  for (const node_id node : asked) {
    if (node != options.self) promise(node, request);
  }
}

void core::state::become_follower(term_t term, node_id leader) {
  ATOMIX_CHECK(term >= hard.term, "terms never go back");
  if (const auto* l = leading()) {
    if (term > hard.term) sometimes(probe::leader_deposed);
    if (commit < log.last().index) sometimes(probe::leader_ends_with_open_entries);
    if (!l->reads.waiting.empty() || !l->reads.asking.empty())
      sometimes(probe::leader_ends_with_open_reads);
  } else if (!leader.is_none() && !std::holds_alternative<follower>(role)) {
    sometimes(probe::candidate_meets_leader);
  }
  if (term > hard.term) hard = {term, node_id{}};
  role = follower{leader};
  reset_election_timer();
}

/// Somebody wants to be elected, which is no reason yet to wait for him: only a vote for him is
/// (thesis 3.4). He may have asked for votes without a chance to get them.
void core::state::follow_nobody(term_t term) {
  const bool led = leading() != nullptr;
  const auto [elapsed, timeout] = std::pair{election_elapsed, election_timeout};
  become_follower(term, node_id{});
  if (led) return;
  election_elapsed = elapsed;
  election_timeout = timeout;
}

void core::state::become_leader() {
  raft::leader l;
  if (commit < log.last().index) sometimes(probe::leader_begins_with_open_entries);
  l.first_of_term = log.last().index.next();
  l.clock_base = log.last_time();
  l.clock_start = now_ms;
  role = std::move(l);
  sync_peers();
  append_own(entry_kind::term_start, {});
  replicate_to_all();
}

void core::state::reset_election_timer() {
  election_elapsed = 0;
  election_timeout =
      options.election_ticks + static_cast<unsigned>(random.below(options.election_ticks));
}

/// A ballot is lost, or a pre-vote is under way: nobody leads, so do not wait a full timeout.
void core::state::retry_soon() {
  election_elapsed = 0;
  const std::uint64_t low = std::max(options.election_ticks / 4, 1U);
  const std::uint64_t high = std::max(options.election_ticks / 2, 2U);
  election_timeout = static_cast<unsigned>(random.between(low, high));
}

/// The connection to the leader broke: nothing holds our vote back any more, and after a short
/// pause, so that two followers rarely collide, we ask for votes ourselves.
void core::state::leader_lost() {
  sometimes(probe::leader_connection_lost);
  role = follower{};
  election_elapsed = 0;
  election_timeout = static_cast<unsigned>(random.below(options.election_ticks / 8 + 1));
  if (election_timeout == 0 && votes()) start_pre_vote();
}

bool core::state::hears_quorum() const {
  const auto& l = *leading();
  return has_quorum(active(), [&](node_id id) {
    const auto peer = l.peers.find(id);
    return id == options.self
           || (peer != l.peers.end() && l.ticks - peer->second.heard_tick < options.election_ticks);
  });
}

void core::state::check_quorum() {
  if (planted(bug::no_check_quorum) || hears_quorum()) return;
  sometimes(probe::leader_without_quorum);
  become_follower(hard.term, node_id{});
}

}  // namespace atomix::raft
