// SPDX-License-Identifier: Apache-2.0
#include "raft/core/core.hpp"

#include "raft/base/check.hpp"
#include "raft/base/planted.hpp"
#include "raft/base/probe.hpp"
#include "raft/core/configuration.hpp"
#include "raft/core/quorum.hpp"
#include "raft/core/state.hpp"

#include <algorithm>
#include <iterator>
#include <type_traits>
#include <utility>

namespace atomix::raft {
namespace {

template <class T>
void move_behind(std::vector<T>& first, std::vector<T>&& more) {
  if (first.empty()) {
    first = std::move(more);
    return;
  }
  first.insert(
      first.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

/// Tells a sender of the past which term it is. Without an answer, a leader that was cut off, or a
/// node whose pre-votes are all refused, would never learn that it must move on (thesis 9.6).
struct answer_to_the_past {
  term_t term;

  std::optional<message> operator()(const append_request& m) const {
    return append_reply{term, false, m.previous.index, {}};
  }
  std::optional<message> operator()(const heartbeat&) const { return heartbeat_reply{term, 0}; }
  std::optional<message> operator()(const vote_request& m) const {
    return vote_reply{term, m.kind, false};
  }
  template <class Reply>
  std::optional<message> operator()(const Reply&) const {
    return std::nullopt;
  }
};

template <class M>
constexpr bool is_from_leader = std::is_same_v<M, append_request> || std::is_same_v<M, heartbeat>;

/// Its term is one that the candidate would start, and nobody's yet (thesis 9.6).
template <class M>
bool is_granted_pre_vote(const M& m) {
  if constexpr (std::is_same_v<M, vote_reply>) return m.kind == ballot::pre_vote && m.granted;
  return false;
}

}  // namespace

std::string_view to_string(role_name name) {
  switch (name) {
    case role_name::follower:
      return "follower";
    case role_name::pre_candidate:
      return "pre-candidate";
    case role_name::candidate:
      return "candidate";
    case role_name::leader:
      return "leader";
    case role_name::learner:
      return "learner";
  }
  return "unknown";
}

core::state::state(const raft::options& o, recovered_state recovered)
    : options(o),
      hard(recovered.state),
      log(std::move(recovered.entries)),
      role(follower{}),
      random(o.seed) {
  ATOMIX_CHECK(!o.self.is_none(), "a node has a number");
  ATOMIX_CHECK(o.heartbeat_ticks < o.election_ticks, "leaders beat faster than followers wait");
  configurations.emplace_back(index_t{}, o.initial);
  for (index_t i{1}; i <= log.last().index; i = i.next()) {
    const entry& e = log.at(i);
    if (e.kind != entry_kind::configuration) continue;
    auto c = decode_configuration(e.data.view());
    ATOMIX_CHECK(c.ok(), "a configuration in the log can be read");
    configurations.emplace_back(i, *std::move(c));
  }
  reset_election_timer();
}

bool core::state::votes() const {
  return is_voter(active(), options.self);
}

void core::state::on(const received& in) {
  std::visit(
      [&]<class M>(const M& m) {
        // Terms are compared here and nowhere else; vote requests have a rule of their own, as a
        // term they ask for is not the sender's yet, and may be refused without being adopted.
        if constexpr (!std::is_same_v<M, vote_request>) {
          if (m.term > hard.term && !is_granted_pre_vote(m))
            become_follower(m.term, is_from_leader<M> ? in.from : node_id{});
        }
        const bool late_vote = planted(bug::late_vote_accepted) && std::is_same_v<M, vote_reply>;
        if (m.term >= hard.term || late_vote) {
          receive(in.from, m);
        } else if (auto answer = answer_to_the_past{hard.term}(m);
                   answer && !planted(bug::pre_vote_deadlock)) {
          sometimes(probe::past_answered);
          promise(in.from, *std::move(answer));
        }
      },
      in.body);
}

void core::state::on(const saved& in) {
  if (!log.holds(in.last)) sometimes(probe::saved_entry_was_replaced);
  log.note_saved(in.last);
  auto* l = leading();
  // Only a save that ends in an entry of our own term counts. Earlier ones may still be answered
  // late, for an entry that a save on its way replaces and a third one brings back: durable now,
  // gone in a moment. No such thing happens to entries of our own term, which we alone write, once.
  const bool ours = in.last.term == hard.term && log.holds(in.last);
  if (l != nullptr && !ours) sometimes(probe::save_of_earlier_term);
  if (l == nullptr || !ours) return;
  l->match = std::max(l->match, in.last.index);
  advance_commit();
}

void core::state::on(const propose& in) {
  if (leading() == nullptr) return sometimes(probe::proposal_without_leader);
  for (const proposal& p : in.proposals)
    append_own(p.kind, p.data);
  replicate_to_all();
}

void core::state::on(const raft::applied& in) {
  applied = std::max(applied, std::min(in.index, emitted));
  log.trim(applied, options.cache_bytes_max);
  wanted = in.deadline;
}

void core::state::on(const peer_lost& in) {
  if (auto* l = leading()) {
    const auto peer = l->peers.find(in.peer);
    if (peer != l->peers.end()) peer->second.lost();
  } else if (!in.peer.is_none() && known_leader() == in.peer) {
    leader_lost();
  }
}

void core::state::finish(const mark& before) {
  if (hard != before.hard) {
    out.save.state_changed = true;
    out.save.state = hard;
  }
  out.committed.reserve(commit.value() - emitted.value());
  while (emitted < commit) {
    emitted = emitted.next();
    out.committed.push_back(log.at(emitted));
  }
  while (configurations.size() > 1 && configurations[1].first <= commit) {
    configurations.erase(configurations.begin());
  }
  check_state();
  check_transition(before);
}

core::core(const raft::options& options, recovered_state recovered)
    : state_(std::make_unique<state>(options, std::move(recovered))) {}
core::~core() = default;
core::core(core&&) noexcept = default;
core& core::operator=(core&&) noexcept = default;

effects core::step(const input& in) {
  const mark before = state_->take_mark(in);
  std::visit([&](const auto& i) { state_->on(i); }, in);
  state_->finish(before);
  return std::exchange(state_->out, {});
}

status core::view() const {
  const state& s = *state_;
  status v;
  v.self = s.options.self;
  v.role = static_cast<role_name>(s.role.index());
  if (v.role == role_name::follower && !s.votes()) v.role = role_name::learner;
  v.state = s.hard;
  v.leader = s.leading() != nullptr ? s.options.self : s.known_leader();
  v.commit = s.commit;
  v.last = s.log.last();
  v.now = s.log.last_time();
  if (s.leading() != nullptr) v.now = s.leader_now();
  return v;
}

std::map<node_id, peer_status> core::peers() const {
  std::map<node_id, peer_status> found;
  const state& s = *state_;
  const auto* l = s.leading();
  if (l == nullptr) return found;
  for (const auto& [id, p] : l->peers)
    found[id] = {p.match(), l->ticks - p.heard_tick < s.options.election_ticks};
  return found;
}

std::uint64_t core::quiet_ticks() const {
  return state_->quiet_ticks();
}

term_t core::term_at(index_t index) const {
  return state_->log.term_at(index);
}

void merge(effects& first, effects more) {
  move_behind(first.urgent, std::move(more.urgent));
  move_behind(first.after_save, std::move(more.after_save));
  move_behind(first.committed, std::move(more.committed));
  move_behind(first.reads, std::move(more.reads));
  move_behind(first.loads, std::move(more.loads));
  if (more.save.state_changed) {
    first.save.state_changed = true;
    first.save.state = more.save.state;
  }
  if (more.save.entries.empty()) return;
  // What the later step replaced need not be written at all.
  auto& entries = first.save.entries;
  const index_t from = more.save.entries.front().id.index;
  while (!entries.empty() && entries.back().id.index >= from)
    entries.pop_back();
  move_behind(entries, std::move(more.save.entries));
}

}  // namespace atomix::raft
