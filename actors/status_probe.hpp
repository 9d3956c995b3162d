// SPDX-License-Identifier: Apache-2.0
/// \file Asks one server for its status, without a session and without a leader.
#pragma once

#include "actors/client.hpp"

#include "net/transport.hpp"

#include <functional>
#include <memory>

namespace atomix::actors {

using status_result = std::function<void(absl::StatusOr<member_status>)>;

/// Dials, asks, tells `done` once, on the actors' thread. The result keeps the probe alive;
/// dropping it ends the probe. Lives on the actors' thread.
[[nodiscard]] std::shared_ptr<void> probe_status(
    net::transport& network, const net::address& server, status_result done);

}  // namespace atomix::actors
