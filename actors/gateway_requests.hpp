// SPDX-License-Identifier: Apache-2.0
/// \file What the gateway does with each request of a client.
#pragma once

#include "actors/gateway.hpp"

namespace atomix::actors {

using gateway_self = gateway_actor::stateful_pointer<gateway_state>;

/// A response to be filled in; it leaves with the next flush. Requires: the connection is known.
[[nodiscard]] wire::Response& respond(gateway_self self, net::connection_id connection);
/// Tells a client who leads.
void redirect(gateway_self self, net::connection_id connection);
/// After each message, and after answers that come between them.
void end_message(gateway_self self);
/// Forgets a connection that is gone, or about to be.
void forget(gateway_self self, net::connection_id connection);

/// The answer to command `sequence`, or one behind it, is on its way.
void settle(attachment& a, std::uint64_t sequence);

/// Takes what one read brought from a client.
void handle_frames(gateway_self self, inbound& in);

}  // namespace atomix::actors
