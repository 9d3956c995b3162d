// SPDX-License-Identifier: Apache-2.0
#include "sim/quorum_properties.hpp"

#include "sim/wire_words.hpp"

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <numeric>
#include <variant>

namespace atomix::sim {
namespace {

bool is_sign_of_follower(const raft::message& m, term_t term) {
  const auto* ack = std::get_if<raft::append_reply>(&m);
  const auto* alive = std::get_if<raft::heartbeat_reply>(&m);
  return (ack != nullptr && ack->term == term) || (alive != nullptr && alive->term == term);
}

std::size_t count_terms(std::vector<term_t> log) {
  return static_cast<std::size_t>(std::unique(log.begin(), log.end()) - log.begin());
}

/// Up to where two logs are one: by log matching, those before an entry of both are.
index_t agreement(const std::vector<term_t>& one, const std::vector<term_t>& other) {
  std::size_t agreed = 0;
  std::size_t beyond = std::min(one.size(), other.size()) + 1;
  while (agreed + 1 < beyond) {
    const std::size_t middle = std::midpoint(agreed, beyond);
    (one[middle - 1] == other[middle - 1] ? agreed : beyond) = middle;
  }
  return index_t{agreed};
}

}  // namespace

void quorum_properties::restarted(node_id id) {
  node_facts& node = nodes_[id];
  node.fresh = true;
  node.leads = false;
  node.follows = {};
  node.ballots.clear();
  node.pre_votes.clear();
  node.voted.reset();
  node.reads.clear();
}

void quorum_properties::stepped(
    const raft::core& after,
    const raft::status& now,
    const raft::input& in,
    const raft::effects& out,
    index_t committed) {
  node_facts& node = nodes_[now.self];
  const auto* got = std::get_if<raft::received>(&in);
  // Of what it knew before this step.
  if (got != nullptr) check_ballot(now, *got, out);
  check_lost(node, now, in);
  check_forgotten(node, now, in);
  check_stepped_down(node, now, in);
  check_campaign(node, now, in);
  check_term(node, now);
  check_patience(node, now, in, out);
  if (now.state.term != node.term) node.ballots.clear();
  const bool led = node.leads && node.term == now.state.term;
  node.leads = now.role == raft::role_name::leader;
  node.term = now.state.term;
  follow_log(node, after, out);
  follow_leader(node, now, in);
  if (got != nullptr) {
    hear(now.self, node, *got);
    check_hint(node, *got, out);
  }
  if (!node.leads) return node.reads.clear();
  if (!led) {
    node.silence.clear();
    node.heard.clear();
    node.confirmed.clear();
    node.refused.clear();
    node.round = 0;
    check_elected(node);
  }
  if (got != nullptr) check_way_back(node, *got);
  check_reads(node, in, out, committed);
  if (const auto* passed = std::get_if<raft::tick>(&in)) check_majority(node, passed->count);
}

void quorum_properties::follow_log(
    node_facts& node, const raft::core& after, const raft::effects& out) {
  if (std::exchange(node.fresh, false)) {
    node.log.clear();
    for (index_t i{1}; i <= after.view().last.index; i = i.next())
      node.log.push_back(after.term_at(i));
    return;
  }
  for (const raft::entry& e : out.save.entries) {
    node.log.resize(static_cast<std::size_t>(e.id.index.value() - 1));
    node.log.push_back(e.id.term);
  }
}

void quorum_properties::hear(node_id self, node_facts& node, const raft::received& in) {
  node.silence[in.from] = 0;
  if (awake_ != nullptr && is_sign_of_follower(in.body, node.term))
    node.heard[in.from] = awake_(self);
  const auto* alive = std::get_if<raft::heartbeat_reply>(&in.body);
  if (alive != nullptr && alive->term == node.term) {
    std::uint64_t& round = node.confirmed[in.from];
    round = std::max(round, alive->round);
  }
  const auto* vote = std::get_if<raft::vote_reply>(&in.body);
  if (vote == nullptr || !vote->granted || vote->kind != raft::ballot::vote) return;
  if (vote->term == node.term) node.ballots.insert(in.from);
}

/// Whoever takes a peer for lost gives up a leader, or stops sending to a follower.
void quorum_properties::check_lost(
    const node_facts& node, const raft::status& now, const raft::input& in) {
  const auto* lost = std::get_if<raft::peer_lost>(&in);
  if (lost == nullptr || linked_ == nullptr || !linked_(now.self, lost->peer)) return;
  add("peers are lost",
      absl::StrCat("takes ", nodes_[lost->peer].name, " for lost, and is connected with it"),
      node);
}

/// Whoever asks for votes could have won when a majority was asked (thesis 9.6).
void quorum_properties::check_campaign(
    node_facts& node, const raft::status& now, const raft::input& in) {
  const auto* got = std::get_if<raft::received>(&in);
  const auto* vote = got == nullptr ? nullptr : std::get_if<raft::vote_reply>(&got->body);
  const bool counts = vote != nullptr && vote->granted && vote->kind == raft::ballot::pre_vote
                      && vote->term == node.term.next();
  if (counts) node.pre_votes.insert(got->from);
  if (now.state.term == node.term) return;
  const std::size_t allowed = node.pre_votes.size() + 1;
  node.pre_votes.clear();
  if (now.role != raft::role_name::candidate || is_majority(allowed)) return;
  add("campaigns are allowed",
      absl::StrCat(
          "asks for votes in term ",
          now.state.term.value(),
          ", and ",
          allowed,
          " nodes have allowed it"),
      node);
}

/// Each refusal says how far to go back: a term of one of the two logs at least (thesis 3.5), not
/// an entry. Whoever was away for long would need as many round trips as it misses entries.
void quorum_properties::check_way_back(node_facts& leader, const raft::received& in) {
  const auto* ack = std::get_if<raft::append_reply>(&in.body);
  if (ack == nullptr || ack->term != leader.term) return;
  way_back& back = leader.refused[in.from];
  if (ack->accepted) return void(back = {});
  if (back.steps != 0 && ack->index >= back.at) return;
  ++back.steps;
  back.at = ack->index;
  constexpr std::size_t few = 8;
  if (back.steps <= few) return;
  const std::size_t terms = count_terms(leader.log) + count_terms(nodes_[in.from].log);
  if (back.steps <= few + terms) return;
  add("catching up",
      absl::StrCat(
          "goes back to index ",
          back.at.value(),
          " in ",
          back.steps,
          " steps, where the logs have ",
          terms,
          " terms between them"),
      leader);
}

/// And no refusal sends the leader back to where the logs agree: it would send again, and mostly
/// read from its disk, what the other has.
void quorum_properties::check_hint(
    const node_facts& node, const raft::received& in, const raft::effects& out) {
  const auto* append = std::get_if<raft::append_request>(&in.body);
  const node_facts& leader = nodes_[in.from];
  if (append == nullptr || !leader.leads || leader.term != append->term) return;
  for (const raft::outbound& m : out.after_save) {
    const auto* reply = std::get_if<raft::append_reply>(&m.body);
    if (reply == nullptr || m.to != in.from || reply->accepted || reply->term != append->term)
      continue;
    const index_t agreed = agreement(node.log, leader.log);
    if (reply->hint.index >= std::min(agreed, append->previous.index.previous())) continue;
    add("catching up",
        absl::StrCat(
            "sends its leader back to index ",
            reply->hint.index.value(),
            ", where the logs agree up to ",
            agreed.value()),
        node);
  }
}

void quorum_properties::check_elected(const node_facts& leader) {
  if (is_majority(leader.ballots.size())) return;
  add("elected by a majority",
      absl::StrCat("leads term ", leader.term.value(), " by ", leader.ballots.size(), " votes"),
      leader);
}

void quorum_properties::check_reads(
    node_facts& node, const raft::input& in, const raft::effects& out, index_t committed) {
  if (const auto* read = std::get_if<raft::read>(&in))
    node.reads[read->id] = {committed, node.round};
  for (const raft::outbound& m : out.urgent) {
    if (const auto* beat = std::get_if<raft::heartbeat>(&m.body))
      node.round = std::max(node.round, beat->round);
  }
  for (const raft::read_grant& grant : out.reads) {
    const auto asked = node.reads.find(grant.id);
    if (asked == node.reads.end()) continue;
    check_read(node, asked->second, grant.index);
    node.reads.erase(asked);
  }
}

void quorum_properties::check_read(
    const node_facts& node, const asked_read& asked, index_t granted) {
  if (granted < asked.committed) {
    add("read point",
        absl::StrCat(
            "a read may see index ",
            granted.value(),
            ", though index ",
            asked.committed.value(),
            " was committed when it came"),
        node);
  }
  const auto others =
      std::count_if(node.confirmed.begin(), node.confirmed.end(), [&](const auto& each) {
        return each.second > asked.rounds_begun;
      });
  if (is_majority(static_cast<std::size_t>(others) + 1)) return;
  add("read point",
      absl::StrCat(
          "a read is granted, and ",
          others,
          " others have confirmed since it came that this node leads term ",
          node.term.value()),
      node);
}

void quorum_properties::check_majority(node_facts& leader, std::uint64_t ticks) {
  if (election_ticks_ == 0) return;
  std::size_t heard = 0;
  for (const auto& [id, other] : nodes_) {
    if (&other == &leader || (leader.silence[id] += ticks) <= election_ticks_ + 1) ++heard;
  }
  if (is_majority(heard)) return;
  add("leads with a majority",
      absl::StrCat("leads term ", leader.term.value(), " and has long heard of no majority"),
      leader);
}

bool quorum_properties::could_win(const node_facts& candidate) const {
  const auto votes = std::count_if(nodes_.begin(), nodes_.end(), [&](const auto& voter) {
    return candidate.last() >= voter.second.last();
  });
  return is_majority(static_cast<std::size_t>(votes));
}

/// Whoever lacks the last committed entry could not win an election now, whatever is lost on the
/// way: a majority has longer or newer logs.
void quorum_properties::committed(node_id leader, const raft::entry_id& last) {
  const auto slot = static_cast<std::size_t>(last.index.value() - 1);
  for (const auto& [id, candidate] : nodes_) {
    const bool has_it = slot < candidate.log.size() && candidate.log[slot] == last.term;
    if (has_it || !could_win(candidate)) continue;
    return add(
        "committed for good",
        absl::StrCat(
            "committed ",
            place_words(last),
            ", and ",
            candidate.name,
            " could win an election without it"),
        nodes_[leader]);
  }
}

}  // namespace atomix::sim
