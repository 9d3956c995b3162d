// SPDX-License-Identifier: Apache-2.0
/// \file What the actors of a replica say to each other. Each message is a batch: one per read, per
/// commit advance, per flush. Plain structs, moved through the mailbox, never serialised.
#pragma once

#include "net/frame.hpp"
#include "net/transport.hpp"
#include "resources/machine_host.hpp"
#include "resources/session_table.hpp"

#include "raft/base/ids.hpp"
#include "raft/base/shared_bytes.hpp"
#include "raft/core/core.hpp"
#include "raft/core/step.hpp"

#include <absl/status/status.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace atomix::actors {

// ---- to the node

struct peer_messages {
  node_id from;
  std::vector<raft::message> messages;
};
struct proposals {
  std::vector<shared_bytes> commands;
};
struct read_request {
  std::uint64_t id = 0;
};
/// `orders` save orders are durable; `last` is the last entry among them (none: no entries).
struct log_saved {
  std::size_t orders = 0;
  raft::entry_id last;
};
struct log_loaded {
  raft::loaded entries;
};
struct log_failed {
  absl::Status why;
};
struct applied_upto {
  index_t index;
  log_time deadline;  ///< none: nothing waits for time
};
struct peer_down {
  node_id peer;
};
struct tick_due {
  std::uint64_t alarm = 0;  ///< which one of the node's alarms
};
struct turn_ends {};

// ---- to the log writer

struct save_order {
  raft::save_batch batch;
};
struct load_order {
  raft::load_request what;
};
/// From the disk worker: the write of `orders` orders has ended.
struct write_done {
  std::size_t orders = 0;
  raft::entry_id last;
  absl::Status result;
};
struct prepare_done {
  absl::Status result;
};

// ---- to the peers actor

struct outbox {
  std::vector<raft::outbound> messages;
};
struct redial_due {
  node_id peer;
};

// ---- connections, to the peers actor and the gateway

struct connection_opened {
  net::connection_id connection;
  std::string remote;
};
struct inbound {
  net::connection_id connection;
  std::vector<net::frame> frames;
};
struct connection_closed {
  net::connection_id connection;
  absl::Status why;
};

// ---- to the gateway

struct leadership {
  term_t term;
  node_id leader;
};
struct read_granted {
  std::vector<raft::read_grant> grants;
};
struct opened_session {
  std::string token;
  session_id session;
  std::uint64_t timeout_ms = 0;
};
struct gone_session {
  session_id session;
  bool closed = false;
};
struct session_reply {
  session_id session;
  resources::cached_reply reply;
};
struct kept_session {
  session_id session;
  std::uint64_t last_event = 0;  ///< published and not acknowledged; 0: none
  std::uint64_t sent_ms = 0;     ///< by the client's clock
};
struct event_for {
  session_id session;
  resources::session_event event;
};
/// Everything that one applied run of the log has to say to sessions.
struct applied_output {
  std::vector<opened_session> opened;
  std::vector<kept_session> kept;
  std::vector<session_reply> replies;
  std::vector<event_for> events;
  std::vector<gone_session> gone;
  /// Sessions that were taken up: what they have missed is in `events`, what is said of them from
  /// here on follows it without a gap.
  std::vector<session_id> resumed;
  /// Sessions that do not acknowledge their events: whoever leads ends them through the log.
  std::vector<session_id> overflowed;
};
struct query_answer {
  net::connection_id connection;
  std::uint64_t id = 0;
  index_t index;
  resources::query_result result;
};
struct query_answers {
  std::vector<query_answer> answers;
};

// ---- to the applier

struct committed_entries {
  std::vector<raft::entry> entries;
};
struct resource_results {
  std::uint64_t resource = 0;  ///< the applier's number of the resource
  resources::batch_results results;
  std::uint64_t state_hash = 0;  ///< only if somebody observes
};
struct query_order {
  net::connection_id connection;
  std::uint64_t id = 0;
  session_id session;
  std::uint64_t after_sequence = 0;
  index_t seen;
  std::string name;
  std::string type;
  std::string operation;
};
struct query_orders {
  index_t at_least;
  std::vector<query_order> queries;
};
/// A client's connection is gone: nobody waits for answers to its queries.
struct asker_gone {
  net::connection_id connection;
};
/// A session attached here: send it again what it has not seen.
struct resume_session {
  session_id session;
  std::uint64_t events_seen = 0;
};

// ---- to a resource

struct resource_work {
  resources::batch batch;
};
struct resource_queries {
  index_t index;
  log_time now;
  std::vector<query_order> queries;
};

// ---- questions

struct view_request {};
struct node_view {
  raft::status status;
  std::map<node_id, raft::peer_status> peers;
};
struct applier_view {
  index_t applied;
  std::uint64_t sessions = 0;
  std::uint64_t resources = 0;
};

}  // namespace atomix::actors
