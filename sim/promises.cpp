// SPDX-License-Identifier: Apache-2.0
#include "sim/promises.hpp"

#include <absl/strings/str_cat.h>

namespace atomix::sim {
namespace {

bool keeps_vote(const raft::hard_state& state, term_t term, node_id candidate) {
  return state.term > term || (state.term == term && state.vote == candidate);
}

}  // namespace

std::string promised::forgotten_by(const raft::hard_state& state, holds held) const {
  if (!vote_term.is_none() && !keeps_vote(state, vote_term, vote)) {
    return absl::StrCat(
        "its vote in term ",
        vote_term.value(),
        " (it knows term ",
        state.term.value(),
        state.vote.is_none() ? " and no vote)" : " and another vote)");
  }
  const bool bound = !ack_term.is_none() && state.term <= ack_term;
  if (!bound || (state.term == ack_term && held(acked))) return {};
  return absl::StrCat(
      "the entry of term ",
      acked.term.value(),
      " index ",
      acked.index.value(),
      " that it acknowledged in term ",
      ack_term.value());
}

void promises::stepped(const raft::core& after, const raft::status& now) {
  node& n = nodes_[now.self];
  n.state = now.state;
  if (!std::exchange(n.fresh, false)) return;
  const std::string forgotten = n.given.forgotten_by(now.state, [&](const raft::entry_id& id) {
    return id.index.is_none() || (id.index <= now.last.index && after.term_at(id.index) == id.term);
  });
  if (forgotten.empty()) return;
  findings_.add("promises survive", absl::StrCat("started without ", forgotten), n.name);
}

void promises::voted(node_id voter, node_id candidate, term_t term) {
  node& n = nodes_[voter];
  if (term >= n.given.vote_term) {
    n.given.vote_term = term;
    n.given.vote = candidate;
  }
  if (n.fresh || keeps_vote(n.state, term, candidate)) return;
  findings_.add(
      "promises survive",
      absl::StrCat("its vote in term ", term.value(), " arrived when it had forgotten it"),
      n.name);
}

void promises::acknowledged(node_id follower, term_t term, const raft::entry_id& last) {
  node& n = nodes_[follower];
  if (term < n.given.ack_term) return;
  if (term == n.given.ack_term && last.index <= n.given.acked.index) return;
  n.given.ack_term = term;
  n.given.acked = last;
}

}  // namespace atomix::sim
