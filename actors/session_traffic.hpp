// SPDX-License-Identifier: Apache-2.0
/// \file What goes through a session's connection: commands in order, queries, replies against
/// events, keep-alives, and the end of the session.
#pragma once

#include "actors/session_state.hpp"

namespace atomix::actors {

/// The connected server leads: opens the session, or takes it up and sends everything unanswered.
void attach(session_self self);
/// Out of touch: tells the listeners if the session was connected.
void suspend(session_self self);
void take_calls(session_self self);
void on_responses(session_self self, wire::ResponseBatch& batch);
/// Keep-alives when they are due; everything again if answers stay away.
void keep_up(session_self self, std::uint64_t now);
void begin_close(session_self self, std::function<void()> done);
/// The session is over: fails what is pending and tells the listeners.
void end(session_self self, session_state how);
[[nodiscard]] bool is_over(const session_self_state& s);
/// Sends what this turn has gathered.
void flush(session_self self);

}  // namespace atomix::actors
