// SPDX-License-Identifier: Apache-2.0
/// \file What the log is made of. Seen by storage and net as well.
#pragma once

#include "raft/base/ids.hpp"
#include "raft/base/shared_bytes.hpp"

#include <compare>
#include <cstdint>
#include <set>
#include <vector>

namespace atomix::raft {

/// Names one entry. "At least as up-to-date" (thesis 3.6.1) *is* this ordering.
struct entry_id {
  term_t term;
  index_t index;
  friend auto operator<=>(const entry_id&, const entry_id&) = default;
};

/// The numbers are on disk and on the wire: only add.
enum class entry_kind : std::uint8_t {
  term_start = 0,     ///< first entry of a leader's term (thesis 6.4); no data
  command = 1,        ///< data belongs to the state machine
  configuration = 2,  ///< data is an encoded `configuration`
  time = 3,           ///< only carries log time forward while the cluster is idle; no data
};

struct entry {
  entry_id id;
  entry_kind kind = entry_kind::command;
  log_time time;  ///< stamped by the leader; never less than that of the entry before
  shared_bytes data;
  friend bool operator==(const entry&, const entry&) = default;
};

/// What must be durable before anything is promised (thesis 3.8).
struct hard_state {
  term_t term;
  node_id vote;  ///< none: has not voted in `term`
  friend bool operator==(const hard_state&, const hard_state&) = default;
};

/// Who counts. While `outgoing` is not empty the configuration is joint (thesis 4.3).
struct configuration {
  std::set<node_id> voters;
  std::set<node_id> outgoing;
  std::set<node_id> learners;
  friend bool operator==(const configuration&, const configuration&) = default;
};

/// One durable write. Entries replace whatever the log held from `entries.front()` on.
struct save_batch {
  bool state_changed = false;
  hard_state state;  ///< meaningful if `state_changed`
  std::vector<entry> entries;
  [[nodiscard]] bool empty() const { return !state_changed && entries.empty(); }
  friend bool operator==(const save_batch&, const save_batch&) = default;
};

/// What a restarted node starts from: exactly what its media hold.
struct recovered_state {
  hard_state state;
  std::vector<entry> entries;  ///< contiguous, from index 1 on (from the snapshot on, later)
};

}  // namespace atomix::raft
