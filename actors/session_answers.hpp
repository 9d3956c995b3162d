// SPDX-License-Identifier: Apache-2.0
/// \file What comes in through a session's connection: answers and events, handed to the user in
/// the order of the log; and the session's states, up to its end.
#pragma once

#include "actors/session_state.hpp"

#include <cstdint>

namespace atomix::actors {

void on_responses(session_self self, wire::ResponseBatch& batch);
void publish_state(session_self self, session_state now);
/// Out of touch: tells the listeners if the session was connected.
void suspend(session_self self);
/// The session is over: fails what is pending, tells the listeners, ends the actor.
void end(session_self self, session_state how);
[[nodiscard]] bool is_over(const session_self_state& s);
[[nodiscard]] bool is_over(session_state state);
/// Ends a session of which the cluster has not confirmed for so long that it may give it away soon;
/// true if it did. The client's clock started earlier than the cluster's and stops a tenth of the
/// timeout sooner: no one else gets what this session holds before its user has heard of the end.
bool end_if_overdue(session_self self, std::uint64_t now);
/// Of a code and text from the wire. Requires: `code` is not 0.
[[nodiscard]] absl::Status status_from_wire(std::uint32_t code, const std::string& text);
/// For calls that come after the end.
[[nodiscard]] absl::Status session_has_ended();

}  // namespace atomix::actors
