// SPDX-License-Identifier: Apache-2.0
/// \file The replica's face to clients: which session is connected here, in which order its
/// commands come, where its answers go. Holds nothing that the log does not know.
#pragma once

#include "actors/interfaces.hpp"
#include "actors/peers.hpp"
#include "actors/replica_actors.hpp"
#include "actors/turn.hpp"
#include "actors/world.hpp"

#include "net/wire.pb.h"

#include <deque>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace atomix::actors {

/// A session that was taken up here. Outlives its connection while anything of it is on its way
/// through the log: what has been proposed is not proposed again for a client that comes back.
struct attachment {
  net::connection_id connection;    // none once that has closed
  std::uint64_t attempt = 0;        // which one of its client's to be taken up
  std::uint64_t wanted = 0;         // sequence of the first command whose answer it misses
  std::uint64_t expected = 0;       // sequence of the next command
  bool resumed = false;             // it has what was published before it was attached
  bool gap_reported = false;        // one complaint per gap, not one per command behind it
  std::uint64_t oldest = 0;         // sequence of the first command without an answer
  std::deque<std::size_t> sizes;    // of the commands from `oldest` up to `expected`
  std::size_t bytes = 0;            // their sum
  unsigned keep_alives = 0;         // of this attempt, without an answer
  std::vector<session_reply> held;  // until `resumed`: events from before them come first
};

struct client_connection {
  std::string remote;
  bool greeted = false;
  std::set<session_id> sessions;                 // whose attachments are to this connection
  std::map<std::uint64_t, std::size_t> queries;  // sizes of those without an answer, by their id
  std::size_t query_bytes = 0;                   // their sum
  unsigned openings = 0;                         // without an answer
  wire::ResponseBatch responses;                 // leave together at the next flush
  bool dirty = false;
};

struct gateway_state {
  static constexpr const char* name = "gateway";

  colleagues others;
  world outside;
  replica_setup setup;
  closing hang_up;
  node_id self_id;
  leadership lead;
  std::map<net::connection_id, client_connection> clients;
  std::map<session_id, attachment> sessions;
  std::map<std::string, net::connection_id> opening;  // by token
  std::vector<net::connection_id> dirty;
  std::vector<shared_bytes> commands;  // to be proposed at the next flush
  std::vector<query_order> reads;      // to get a read point at the next flush
  std::map<std::uint64_t, std::vector<query_order>> waiting;  // by read id
  std::uint64_t last_read = 0;
  turn this_turn;

  gateway_state() = default;
  gateway_state(const gateway_state&) = delete;
  gateway_state& operator=(const gateway_state&) = delete;
  /// Its clients look for another server at once.
  ~gateway_state();
  [[nodiscard]] bool leads() const { return lead.leader == self_id; }
};

gateway_actor::behavior_type gateway(
    gateway_actor::stateful_pointer<gateway_state> self,
    const world& outside,
    const replica_setup& setup,
    const closing& hang_up);

}  // namespace atomix::actors
