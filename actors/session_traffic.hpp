// SPDX-License-Identifier: Apache-2.0
/// \file What goes out through a session's connection: commands in order, queries, keep-alives, the
/// wish to close. What comes in is in actors/session_answers.hpp.
#pragma once

#include "actors/session_state.hpp"

namespace atomix::actors {

/// The connected server leads: opens the session, or takes it up and sends everything unanswered.
void attach(session_self self);
/// Sends the commands from `sequence` on again.
void send_from(session_self self, std::uint64_t sequence);
void take_calls(session_self self);
/// Keep-alives when they are due; everything again if answers stay away.
/// Tells the cluster that events have arrived, if they are many and nothing else has told it.
void acknowledge_events(session_self self);
void keep_up(session_self self, std::uint64_t now);
void begin_close(session_self self);
/// Sends what this turn has gathered.
void flush(session_self self);

/// What a call counts for in the limits.
[[nodiscard]] std::size_t size_of(const session_call& call);
[[nodiscard]] absl::Status too_many_calls(const session_options& options);

}  // namespace atomix::actors
