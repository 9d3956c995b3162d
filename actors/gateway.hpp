// SPDX-License-Identifier: Apache-2.0
/// \file The replica's face to clients: which session is connected here, in which order its
/// commands come, where its answers go. Holds nothing that the log does not know.
#pragma once

#include "actors/messages.hpp"
#include "actors/replica_actors.hpp"
#include "actors/world.hpp"

#include "net/wire.pb.h"

#include <map>
#include <set>
#include <string>
#include <vector>

namespace atomix::actors {

/// A session on a connection.
struct attachment {
  std::uint64_t expected = 0;  // sequence of the next command
  bool gap_reported = false;   // one complaint per gap, not one per command behind it
};

struct client_connection {
  std::string remote;
  bool greeted = false;
  std::map<session_id, attachment> sessions;
  wire::ResponseBatch responses;  // leave together at the next flush
  bool dirty = false;
};

/// Queries that wait for a read point.
struct waiting_reads {
  std::uint64_t id = 0;
  std::vector<query_order> queries;
};

struct gateway_state {
  static constexpr const char* name = "gateway";

  colleagues others;
  world outside;
  replica_setup setup;
  node_id self_id;
  leadership lead;
  std::map<net::connection_id, client_connection> clients;
  std::map<session_id, net::connection_id> sessions;
  std::map<std::string, net::connection_id> opening;  // by token
  std::vector<net::connection_id> dirty;
  std::vector<shared_bytes> commands;  // to be proposed at the next flush
  std::vector<query_order> reads;      // to get a read point at the next flush
  std::map<std::uint64_t, std::vector<query_order>> waiting;  // by read id
  std::uint64_t last_read = 0;
  bool flush_queued = false;

  [[nodiscard]] bool leads() const { return lead.leader == self_id; }
};

gateway_actor::behavior_type gateway(
    gateway_actor::stateful_pointer<gateway_state> self,
    const world& outside,
    const replica_setup& setup);

}  // namespace atomix::actors
