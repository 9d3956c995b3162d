// SPDX-License-Identifier: Apache-2.0
/// \file The messages that nodes exchange (paper figure 2, thesis 6.4 and 9.6).
#pragma once

#include "raft/core/entry.hpp"

#include <cstdint>
#include <variant>
#include <vector>

namespace atomix::raft {

enum class ballot : std::uint8_t { pre_vote = 0, vote = 1 };

struct vote_request {
  term_t term;  ///< for a pre-vote the term that the sender would campaign in
  entry_id last;
  ballot kind = ballot::vote;
  friend bool operator==(const vote_request&, const vote_request&) = default;
};

struct vote_reply {
  term_t term;  ///< granted: the term asked for; refused: the voter's own
  ballot kind = ballot::vote;
  bool granted = false;
  friend bool operator==(const vote_reply&, const vote_reply&) = default;
};

struct append_request {
  term_t term;
  entry_id previous;
  index_t commit;
  std::vector<entry> entries;
  friend bool operator==(const append_request&, const append_request&) = default;
};

struct append_reply {
  term_t term;
  bool accepted = false;
  /// Accepted: the last index known to match the leader's log *and durable here*.
  /// Refused: the index of `previous` in the request that is refused.
  index_t index;
  /// Refused: the last entry of ours that could still match (thesis 3.5, fast back-up).
  entry_id hint;
  friend bool operator==(const append_reply&, const append_reply&) = default;
};

/// Says "I lead" to followers. Carries the read round that its answer confirms (thesis 6.4).
struct heartbeat {
  term_t term;
  index_t commit;  ///< never beyond what the follower is known to hold
  std::uint64_t round = 0;
  friend bool operator==(const heartbeat&, const heartbeat&) = default;
};

struct heartbeat_reply {
  term_t term;
  std::uint64_t round = 0;
  friend bool operator==(const heartbeat_reply&, const heartbeat_reply&) = default;
};

// clang-format off
using message = std::variant<
    vote_request,
    vote_reply,
    append_request,
    append_reply,
    heartbeat,
    heartbeat_reply>;
// clang-format on

struct outbound {
  node_id to;
  message body;
  friend bool operator==(const outbound&, const outbound&) = default;
};

}  // namespace atomix::raft
