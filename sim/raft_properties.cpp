// SPDX-License-Identifier: Apache-2.0
#include "sim/raft_properties.hpp"

#include "sim/recorder.hpp"
#include "sim/wire_words.hpp"

#include "raft/base/crc32c.hpp"

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <string_view>
#include <utility>
#include <variant>

namespace atomix::sim {
namespace {

// Reading the media is too dear for every promise; votes and the first acknowledgements of a term
// are few. What it costs grows with the log, and with that the way to the next time: at first there
// is none.
constexpr std::uint64_t audit_growth = 4;

std::uint64_t fingerprint_of(const raft::entry& e) {
  std::uint64_t z = (e.id.term.value() << 48U) ^ (e.time.value() << 4U);
  z ^= static_cast<std::uint64_t>(e.kind);
  z = (z ^ (z >> 31U)) * 0x9e3779b97f4a7c15ULL;
  return z ^ crc32c(e.data.view()) ^ (std::uint64_t{e.data.size()} << 32U);
}

}  // namespace

void raft_properties::add_node(node_id id, const std::string& name) {
  nodes_[id].name = name;
  nodes_[id].lane = nodes_.size() - 1;
  promises_.add_node(id, name);
  needless_.add_node(id, name);
  times_.add_node(id, name);
  quorums_.add_node(id, name);
}

void raft_properties::restarted(node_id id) {
  promises_.restarted(id);
  needless_.restarted(id);
  quorums_.restarted(id);
  node_facts& node = nodes_[id];
  node.role = raft::role_name::follower;
  node.term = {};  // what it knew but had not made durable is lost, rightly
  node.last = {};
  node.committed = {};
  node.applied = {};
}

index_t raft_properties::applied_by(node_id node) const {
  const auto found = nodes_.find(node);
  return found == nodes_.end() ? index_t{} : found->second.applied;
}

void raft_properties::stepped(
    const raft::core& after, const raft::input& in, const raft::effects& out) {
  const raft::status now = after.view();
  if (findings_.where().is_read()) remark(now, in, out);
  node_facts& node = nodes_[now.self];
  const auto& saved = out.save.entries;
  if (!saved.empty()) {
    const index_t first = saved.front().id.index;
    const term_t before = first.value() > 1 ? after.term_at(first.previous()) : term_t{};
    saw_saved(now.self, first, before, saved);
  }
  if (now.role == raft::role_name::leader
      && (node.role != raft::role_name::leader || node.term != now.state.term)) {
    check_complete(after, now);
  }
  saw_status(now, out);
  if (watcher_ != nullptr) watcher_->stepped(now, out);
  promises_.stepped(after, now);
  needless_.stepped(now, in, out);
  times_.stepped(now, out);
  quorums_.stepped(after, now, in, out, committed());
  if (const auto* got = std::get_if<raft::received>(&in)) saw_message(after, now, *got);
  const index_t before = committed();
  saw_committed(now.self, now.state.term, out.committed);
  if (committed() == before) return;
  if (now.role == raft::role_name::leader) quorums_.committed(now.self, last_committed());
  if (audit_ != nullptr && is_due(commits_)) audit_->check(last_committed());
}

// Promises count where they arrive: one that a crash cut off before it was durable was never given.
void raft_properties::saw_message(
    const raft::core& after, const raft::status& now, const raft::received& in) {
  if (const auto* vote = std::get_if<raft::vote_reply>(&in.body)) {
    if (!vote->granted || vote->kind != raft::ballot::vote) return;
    saw_vote(in.from, now.self, vote->term);
    promises_.voted(in.from, now.self, vote->term);
    if (audit_ != nullptr) audit_->look_at(in.from);
  }
  const auto* ack = std::get_if<raft::append_reply>(&in.body);
  const bool counts = ack != nullptr && ack->accepted && now.role == raft::role_name::leader
                      && ack->term == now.state.term;
  if (!counts) return;
  // The first one in a term is about entries that may have replaced others.
  const bool first = promises_.of(in.from).ack_term < ack->term;
  promises_.acknowledged(in.from, ack->term, {after.term_at(ack->index), ack->index});
  if (audit_ != nullptr && (first || is_due(acknowledged_))) audit_->look_at(in.from);
}

bool raft_properties::is_due(std::uint64_t& since_last) const {
  if (++since_last < 1 + log_.size() / audit_growth) return false;
  since_last = 0;
  return true;
}

void raft_properties::remark(
    const raft::status& now, const raft::input& in, const raft::effects& out) const {
  const auto tell = [&](const char* what, node_id other, const raft::message& m) {
    const auto who = nodes_.find(other);
    findings_.where().remark(
        trace_kind::raft,
        absl::StrCat(
            nodes_.at(now.self).name,
            what,
            who == nodes_.end() ? "?" : who->second.name,
            " ",
            message_words(m)));
  };
  if (const auto* got = std::get_if<raft::received>(&in)) tell(" from ", got->from, got->body);
  for (const raft::outbound& m : out.urgent)
    tell(" to ", m.to, m.body);
  for (const raft::outbound& m : out.after_save)
    tell(" once saved to ", m.to, m.body);
}

void raft_properties::saw_status(const raft::status& now, const raft::effects& out) {
  node_facts& node = nodes_[now.self];
  if (now.state.term < node.term) {
    add("terms never go back",
        absl::StrCat("was in term ", node.term.value(), ", is in ", now.state.term.value()),
        node);
  }
  if (now.role == raft::role_name::leader) {
    saw_leader(now.self, now.state.term);
    const bool led_before = node.role == raft::role_name::leader && node.term == now.state.term;
    const auto& saved = out.save.entries;
    if (led_before && !saved.empty() && saved.front().id.index != node.last.index.next()) {
      add("leader append-only",
          absl::StrCat(
              "its log ended at ",
              place_words(node.last),
              ", it saved ",
              place_words(saved.front().id)),
          node);
    }
    if (led_before && now.last.index < node.last.index)
      add("leader append-only", absl::StrCat("its log shrank to ", place_words(now.last)), node);
  }
  if (now.role != raft::role_name::leader) check_known_leader(now);
  recorder* const record = findings_.where().recording();
  if (record != nullptr && (node.role != now.role || node.term != now.state.term)) {
    record->role(node.lane, to_string(now.role), now.state.term.value());
  }
  node.role = now.role;
  node.term = now.state.term;
  node.last = now.last;
}

void raft_properties::saw_vote(node_id voter, node_id candidate, term_t term) {
  node_facts& node = nodes_[voter];
  const auto [vote, fresh] = node.votes.emplace(term, candidate);
  if (fresh || vote->second == candidate) return;
  add("one vote per term", absl::StrCat("voted for two candidates in term ", term.value()), node);
}

void raft_properties::saw_leader(node_id id, term_t term) {
  node_facts& node = nodes_[id];
  const auto [leader, fresh] = leaders_.emplace(term, id);
  if (fresh) ++elections_;
  if (leader->second == id) return;
  add("election safety",
      absl::StrCat(nodes_[leader->second].name, " led term ", term.value(), " as well"),
      node);
}

/// Clients are sent there, and its word is followed (thesis 3.3).
void raft_properties::check_known_leader(const raft::status& now) {
  if (now.leader.is_none()) return;
  const auto led = leaders_.find(now.state.term);
  if (led != leaders_.end() && led->second == now.leader) return;
  add("known leaders lead",
      absl::StrCat(
          "takes ",
          nodes_[now.leader].name,
          " for the leader of term ",
          now.state.term.value(),
          ", which it never was"),
      nodes_[now.self]);
}

void raft_properties::check_complete(const raft::core& leader, const raft::status& now) {
  // A candidate may win a term that is over: then it need not know what later terms committed.
  std::size_t count = golden_.size();
  while (count > 0 && golden_[count - 1].committed_in >= now.state.term)
    --count;
  if (count == 0) return;
  // By log matching, agreement on the last entry is agreement on all before.
  const golden_entry& last = golden_[count - 1];
  if (leader.term_at(index_t{count}) == last.term) return;
  add("leader completeness",
      absl::StrCat(
          "leads term ",
          now.state.term.value(),
          " without the committed entry of ",
          place_words({last.term, index_t{count}})),
      nodes_[now.self]);
}

void raft_properties::saw_saved(
    node_id id, index_t, term_t before, const std::vector<raft::entry>& saved) {
  node_facts& node = nodes_[id];
  if (recorder* const record = findings_.where().recording()) record->log().saved(node.lane, saved);
  for (const raft::entry& e : saved) {
    know(node, e, before);
    before = e.id.term;
  }
}

void raft_properties::know(node_facts& node, const raft::entry& e, term_t before) {
  const std::size_t slot = e.id.index.value() - 1;
  if (known_.size() <= slot) known_.resize(slot + 1);
  const std::uint64_t fingerprint = fingerprint_of(e);
  for (const known_entry& k : known_[slot]) {
    if (k.term != e.id.term) continue;
    if (k.fingerprint == fingerprint && k.before == before) return;
    add("log matching", absl::StrCat("two logs differ at or before ", place_words(e.id)), node);
    return;
  }
  known_[slot].push_back({e.id.term, before, fingerprint});
}

void raft_properties::saw_committed(
    node_id id, term_t term, const std::vector<raft::entry>& committed) {
  node_facts& node = nodes_[id];
  recorder* const record = findings_.where().recording();
  for (const raft::entry& e : committed) {
    if (e.id.index != node.committed.next()) {
      add("each entry once, in order",
          absl::StrCat(place_words(e.id), " came after index ", node.committed.value()),
          node);
    }
    node.committed = e.id.index;
    if (record != nullptr) record->log().committed(node.lane, e, findings_.where().now());
    const std::size_t slot = e.id.index.value() - 1;
    const std::uint64_t fingerprint = fingerprint_of(e);
    if (slot == golden_.size()) {
      golden_.push_back({e.id.term, term, fingerprint});
      log_.push_back({e, findings_.where().now()});
    }
    if (slot >= golden_.size() || golden_[slot].fingerprint == fingerprint) continue;
    add("state machine safety",
        absl::StrCat("committed ", place_words(e.id), ", another node something else there"),
        node);
  }
}

void raft_properties::applied(node_id id, const actors::applied_state& now) {
  node_facts& node = nodes_[id];
  node.applied = std::max(node.applied, now.index);
  const auto [known, fresh] = states_.emplace(now.index, now);
  if (fresh || known->second.hash == now.hash) return;
  add("equal machines",
      absl::StrCat("its state after index ", now.index.value(), " is not that of another node"),
      node);
}

void raft_properties::add(std::string property, std::string sentence, const node_facts& node) {
  findings_.add(std::move(property), std::move(sentence), node.name);
}

}  // namespace atomix::sim
