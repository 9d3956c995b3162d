// SPDX-License-Identifier: Apache-2.0
// How leaders are held on to (thesis 4.2.3, 9.6): by those who follow, who vote, and who lead.
#include "sim/quorum_properties.hpp"
#include "sim/wire_words.hpp"

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <variant>

namespace atomix::sim {
namespace {

/// Also of one that led an earlier term, and now leads again, old messages may still come.
bool is_sign_of_leader(const raft::message& m, term_t term) {
  const auto* append = std::get_if<raft::append_request>(&m);
  const auto* beat = std::get_if<raft::heartbeat>(&m);
  return (append != nullptr && append->term == term) || (beat != nullptr && beat->term == term);
}

bool grants_vote(const raft::effects& out, node_id to) {
  const auto granted = [to](const raft::outbound& m) {
    const auto* reply = std::get_if<raft::vote_reply>(&m.body);
    return reply != nullptr && reply->granted && m.to == to;
  };
  return std::any_of(out.urgent.begin(), out.urgent.end(), granted)
         || std::any_of(out.after_save.begin(), out.after_save.end(), granted);
}

}  // namespace

/// A leader is taken for lost when it is silent for long, or when the connection to it breaks.
void quorum_properties::check_forgotten(
    const node_facts& node, const raft::status& now, const raft::input& in) {
  if (node.follows.is_none() || !now.leader.is_none() || now.state.term != node.term) return;
  const auto* passed = std::get_if<raft::tick>(&in);
  const bool long_ago = node.quiet + (passed == nullptr ? 0 : passed->count) >= election_ticks_;
  if (long_ago && !has_just_heard(now.self, node.heard_at)) return;
  const auto* lost = std::get_if<raft::peer_lost>(&in);
  if (lost != nullptr && lost->peer == node.follows) return;
  add("leaders are stuck to",
      absl::StrCat("heard the leader of term ", node.term.value(), ", and forgets it"),
      node);
}

/// Of a sleep, or a leap of its clock, a node may count two heartbeats, and its clock may run twice
/// as fast: two sleeps and a sixteenth of the timeout are no timeout. Short timeouts are but a few
/// heartbeats, and say nothing.
bool quorum_properties::has_just_heard(node_id self, sim_time then) const {
  constexpr unsigned long_enough = 20;
  if (awake_ == nullptr || election_ticks_ < long_enough) return false;
  const sim_duration timeout = election_ticks_ * raft::options{}.tick_ms * millisecond;
  return awake_(self) < then + timeout / 16;
}

/// Who leads, and was stopped, still leads when it wakes unless somebody says otherwise.
void quorum_properties::check_stepped_down(
    const node_facts& node, const raft::status& now, const raft::input& in) {
  const bool by_itself = node.leads && now.role != raft::role_name::leader
                         && now.state.term == node.term && std::holds_alternative<raft::tick>(in);
  if (!by_itself || awake_ == nullptr) return;
  const auto heard = std::count_if(node.heard.begin(), node.heard.end(), [&](const auto& each) {
    return has_just_heard(now.self, each.second);
  });
  if (!is_majority(static_cast<std::size_t>(heard) + 1)) return;
  add("leaders are stuck to",
      absl::StrCat(
          "has just heard ", heard, " others, and does not lead term ", node.term.value(), " on"),
      node);
}

void quorum_properties::follow_leader(
    node_facts& node, const raft::status& now, const raft::input& in) {
  if (awake_ != nullptr && node.follows != now.leader) node.heard_at = awake_(now.self);
  node.follows = node.leads ? node_id{} : now.leader;
  if (const auto* passed = std::get_if<raft::tick>(&in)) node.quiet += passed->count;
  const auto* got = std::get_if<raft::received>(&in);
  if (got == nullptr || got->from != node.follows) return;
  if (!is_sign_of_leader(got->body, now.state.term)) return;
  node.quiet = 0;
  if (awake_ != nullptr) node.heard_at = awake_(now.self);
}

/// Who leads, or hears its leader, leaves others that ask for votes in a new term alone.
bool quorum_properties::sticks_to_leader(
    const node_facts& node, node_id asking, const raft::vote_request& asked) const {
  if (asked.term <= node.term) return false;
  if (node.leads) return true;
  return !node.follows.is_none() && node.follows != asking && node.quiet < election_ticks_;
}

/// Both kinds of ballot go to logs only that are at least as recent (thesis 3.6.1), and to nobody
/// as long as there is a leader.
void quorum_properties::check_ballot(
    const raft::status& now, const raft::received& in, const raft::effects& out) {
  const auto* asked = std::get_if<raft::vote_request>(&in.body);
  if (asked == nullptr || !grants_vote(out, in.from)) return;
  const node_facts& node = nodes_[now.self];
  if (sticks_to_leader(node, in.from, *asked)) {
    add("leaders are stuck to",
        absl::StrCat(
            node.leads ? "leads" : "hears the leader of",
            " term ",
            node.term.value(),
            ", and votes for another in term ",
            asked->term.value()),
        node);
  }
  if (asked->last >= now.last) return;
  add("votes for recent logs",
      absl::StrCat(
          "its log ends at ",
          place_words(now.last),
          ", and it votes for one that ends at ",
          place_words(asked->last)),
      node);
}

/// Somebody has asked for votes in every term (thesis 3.4): pre-votes raise none (9.6). Of terms in
/// which nodes start, only those know who did that were there.
void quorum_properties::check_term(const node_facts& node, const raft::status& now) {
  const term_t term = now.state.term;
  const bool asks = now.role == raft::role_name::candidate || now.role == raft::role_name::leader;
  if (asks || node.fresh) campaigns_.insert(term);
  if (term <= node.term || campaigns_.contains(term)) return;
  add("terms begin with a campaign",
      absl::StrCat(
          "goes from term ",
          node.term.value(),
          " to ",
          term.value(),
          ", in which nobody has asked for votes"),
      node);
}

/// Whoever has voted gives the other a timeout's time to win (thesis 3.4).
void quorum_properties::check_patience(
    node_facts& node, const raft::status& now, const raft::input& in, const raft::effects& out) {
  const auto* passed = std::get_if<raft::tick>(&in);
  if (passed != nullptr && node.voted) *node.voted += passed->count;
  const bool follows = now.role == raft::role_name::follower;
  if (passed != nullptr && !follows && node.voted && *node.voted < election_ticks_) {
    add("voters wait",
        absl::StrCat(
            "has voted in term ",
            node.term.value(),
            ", and asks for votes itself ",
            *node.voted,
            " ticks later"),
        node);
  }
  // Whose leader is lost need not wait.
  if (!follows || std::holds_alternative<raft::peer_lost>(in)) node.voted.reset();
  const auto* got = std::get_if<raft::received>(&in);
  const auto* asked = got == nullptr ? nullptr : std::get_if<raft::vote_request>(&got->body);
  if (asked != nullptr && asked->kind == raft::ballot::vote && follows
      && grants_vote(out, got->from))
    node.voted = 0;
}

}  // namespace atomix::sim
