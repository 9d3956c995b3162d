// SPDX-License-Identifier: Apache-2.0
/// \file What goes into the protocol and what comes out of it.
#pragma once

#include "raft/core/message.hpp"

#include <cstdint>
#include <variant>
#include <vector>

namespace atomix::raft {

/// The host's clock: a tick is over every `options::tick_ms`. The host may let some pass and count
/// them together, before it steps anything else, at most `core::quiet_ticks` and one more.
/// `now_ms` is the host's monotonic clock. Only differences count.
struct tick {
  std::uint64_t now_ms = 0;
  std::uint64_t count = 1;
};

struct received {
  node_id from;
  message body;
};

/// The answer to one non-empty save (of one `effects`, or of several that were merged): that save
/// and every earlier one are durable. `last` is the id of the last entry in it, or {0, 0} if it
/// held no entries but only hard state. Names term *and* index: a late answer must not vouch for an
/// entry that replaced the written one. An answer to an empty save is harmless and needless. Saves
/// complete in order.
struct saved {
  entry_id last;
};

struct proposal {
  entry_kind kind = entry_kind::command;
  shared_bytes data;
};

/// Appends all of `proposals`, in this order, if this node leads; otherwise nothing happens.
struct propose {
  std::vector<proposal> proposals;
};

/// Asks for a linearizable read point; answered by a `read_grant` with the same number, or never if
/// this node does not lead or stops leading.
struct read {
  std::uint64_t id = 0;
};

/// The host has applied everything up to `index`: older entries may leave memory. Its state machine
/// wants log time to reach `deadline` next (none: it waits for nothing). Every node is told, so
/// that whoever leads acts on it.
struct applied {
  index_t index;
  log_time deadline;
};

/// The transport lost its connection to `peer`: a reason to ask for votes at once if it led.
struct peer_lost {
  node_id peer;
};

/// Answer to `effects::loads`: entries from storage, contiguous from what was asked for. Each
/// request is answered once; no entries if storage could not read.
struct loaded {
  node_id peer;
  std::vector<entry> entries;
};

using input = std::variant<tick, received, saved, propose, read, applied, peer_lost, loaded>;

struct read_grant {
  std::uint64_t id = 0;
  index_t index;  ///< answer once applied up to here
  friend bool operator==(const read_grant&, const read_grant&) = default;
};

/// Please read entries from `from` on (some `bytes_max` bytes) and feed `loaded` back in.
struct load_request {
  node_id peer;
  index_t from;
  std::size_t bytes_max = 0;
  friend bool operator==(const load_request&, const load_request&) = default;
};

/// What the host must do, in this order. Nothing may be skipped.
///
/// A message in `after_save` may be addressed to the node itself: a candidate's own vote. The host
/// feeds it back in as `received{self, ...}` at the moment it would have sent it: so it counts
/// exactly when it is durable. Everything else in `urgent` and `after_save` goes to other nodes.
struct effects {
  std::vector<outbound> urgent;      ///< may leave at once: they promise nothing
  save_batch save;                   ///< unless empty: make durable, then feed `saved` back in
  std::vector<outbound> after_save;  ///< votes and acks: wait for this and every earlier save
  std::vector<entry> committed;      ///< apply in this order, each exactly once
  std::vector<read_grant> reads;     ///< answer once applied up to `read_grant::index`
  std::vector<load_request> loads;   ///< entries that left memory and a follower still needs
  [[nodiscard]] bool empty() const {
    return urgent.empty() && save.empty() && after_save.empty() && committed.empty()
           && reads.empty() && loads.empty();
  }
  friend bool operator==(const effects&, const effects&) = default;
};

}  // namespace atomix::raft
