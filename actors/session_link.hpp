// SPDX-License-Identifier: Apache-2.0
/// \file The session's connection: finding the leader, noticing silence, starting over elsewhere.
#pragma once

#include "actors/session_state.hpp"

namespace atomix::actors {

[[nodiscard]] std::uint64_t now_ms(session_self self);

/// Dials the leader if it is known and not suspect, else the next server.
void connect(session_self self);
/// Gives the connection up and connects again, at once or after a pause that grows with failures.
void abandon(session_self self, const absl::Status& why);
void on_opened(session_self self, net::connection_id connection);
void on_server_hello(session_self self, const wire::ServerHello& hello);
/// Leadership as some server sees it: goes where the leader is.
void on_news(session_self self, const wire::Leadership& news);
/// The server says why it closes the connection.
void on_refusal(session_self self, const wire::Refusal& refusal);
/// Time-outs of every kind of waiting, pings, keep-alives.
void on_tick(session_self self);
void record_trouble(session_self self, const net::address& server, const std::string& why);

}  // namespace atomix::actors
