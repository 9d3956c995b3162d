// SPDX-License-Identifier: Apache-2.0
/// \file What a session's actor knows.
///
///   idle --dial--> dialling --opened--> greeting --ServerHello--> greeted --leader?--> attached
///     ^---------------- closed, silent, redirected: another server, or the leader -----------'
#pragma once

#include "actors/alarm.hpp"
#include "actors/interfaces.hpp"
#include "actors/session.hpp"

#include "net/wire.pb.h"

#include "raft/base/prng.hpp"

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace atomix::actors {

/// A call on its way from any thread to the session.
struct session_call {
  bool is_query = false;
  resource_name resource;
  std::string operation;
  consistency level = consistency::atomic;
  completion done;
};

/// Tells one listener of states, in order and none twice, whichever threads bring them: who starts
/// to watch is told the present state on his own thread, while the next may be on its way.
struct state_watcher {
  std::mutex mutex;
  std::uint64_t told = 0;  // number of the newest state told
  state_listener listener;
  void tell(std::uint64_t number, session_state state);
};

/// What the session's actor and the users' threads share.
struct session_mailbox {
  std::mutex mutex;
  std::vector<session_call> calls;
  std::size_t calls_bytes = 0;
  bool calls_queued = false;                   // a `calls_due` is on its way
  bool closing = false;                        // `close` was called: calls after it fail
  std::vector<std::function<void()>> closers;  // who called it and wants to hear of the end
  std::uint64_t last_listener = 0;
  std::map<std::string, std::map<listener_id, event_listener>> listeners;
  std::map<listener_id, std::shared_ptr<state_watcher>> watchers;
  session_state state = session_state::connecting;
  std::uint64_t state_number = 1;  // counts states, so that none is told out of turn
  session_id id;
  std::map<net::address, std::string> troubles;  // why a server could not be used, lately
};

struct calls_due {};
struct session_tick {
  std::uint64_t alarm = 0;  // which one of the session's alarms
};
struct session_close {};

using session_actor = caf::typed_actor<
    caf::reacts_to<connection_opened>,
    caf::reacts_to<inbound>,
    caf::reacts_to<connection_closed>,
    caf::reacts_to<calls_due>,
    caf::reacts_to<session_tick>,
    caf::reacts_to<session_close>>;

enum class link_phase : std::uint8_t { idle, dialling, greeting, greeted, attached };

/// The connection in use, or none.
struct session_link {
  link_phase phase = link_phase::idle;
  net::connection_id connection;
  net::address server;
  node_id server_id;
  std::uint64_t since_ms = 0;  // of the present phase
  std::uint64_t heard_ms = 0;  // last sign of life
  std::uint64_t pinged_ms = 0;
  std::uint64_t asked_ms = 0;  // of the first ping since the last sign of life
};

struct pending_command {
  std::uint64_t sequence = 0;
  std::string entry;
  completion done;
  index_t index;                                  // of the result
  std::optional<absl::StatusOr<outcome>> result;  // arrived, waits for its turn
};

struct pending_query {
  wire::Query request;
  completion done;
};

struct answered_query {
  index_t index;
  completion done;
  absl::StatusOr<outcome> result;
};

struct held_event {
  index_t index;
  std::uint64_t after_sequence = 0;
  std::string resource;
  std::string event;
};

/// A server that fell silent, and until when to avoid it.
struct suspicion {
  std::uint64_t until_ms = 0;
  term_t term;  // as we knew it then: who leads a later one is awake again
};

struct session_self_state {
  static constexpr const char* name = "session";

  world outside;
  session_options options;
  std::shared_ptr<session_mailbox> mailbox;
  std::unique_ptr<net::connection_handler> handler;
  prng random{0};

  session_link link;
  std::size_t next_server = 0;
  unsigned failures = 0;       // dials in a row that led nowhere
  std::uint64_t retry_ms = 0;  // no dial before this
  leadership lead;
  std::map<node_id, net::address> members;
  std::map<net::address, suspicion> suspects;
  std::set<net::address> refused_by;  // before the session was open: a wrong cluster, say

  std::string token;           // names the opening until there is a session; empty: none yet
  std::uint64_t asked_ms = 0;  // when that token was first sent
  session_id id;
  std::uint64_t timeout_ms = 0;
  std::uint64_t attempts = 0;         // to take it up
  std::uint64_t kept_sent_ms = 0;     // last keep-alive sent
  std::uint64_t kept_waiting_ms = 0;  // first one since an answer; 0: none waits
  std::uint64_t confirmed_ms = 0;     // when the newest keep-alive that the log holds was sent
  // Since when the oldest command and the oldest query wait: it became the oldest, or was sent
  // again.
  std::uint64_t command_waits_ms = 0;
  std::uint64_t query_waits_ms = 0;
  std::uint64_t last_sequence = 0;
  std::uint64_t delivered_sequence = 0;
  std::uint64_t delivered_event = 0;
  std::uint64_t acknowledged_event = 0;  // sent with the last entry of ours
  index_t seen;
  std::size_t outstanding_bytes = 0;  // of what waits below
  std::deque<pending_command> commands;
  std::map<std::uint64_t, pending_query> queries;
  std::uint64_t last_query = 0;
  std::deque<answered_query> answers;          // that wait for events
  std::map<std::uint64_t, held_event> events;  // by number

  wire::RequestBatch out;        // leaves at the end of the turn
  std::uint64_t closing_ms = 0;  // when `close` was first asked for; 0: not
  alarm next_tick;

  session_self_state() = default;
  session_self_state(const session_self_state&) = delete;
  session_self_state& operator=(const session_self_state&) = delete;
  /// If the actor goes without an end of the session (its runtime does), nobody is left waiting.
  ~session_self_state();
};

using session_self = session_actor::stateful_pointer<session_self_state>;

}  // namespace atomix::actors

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(atomix::actors::calls_due)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(atomix::actors::session_tick)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(atomix::actors::session_close)
