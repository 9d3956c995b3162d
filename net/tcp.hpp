// SPDX-License-Identifier: Apache-2.0
/// \file The transport of the real world: TCP on Asio's event loop.
#pragma once

#include "net/transport.hpp"

#include <chrono>
#include <cstddef>
#include <memory>

namespace asio {
class io_context;
}  // namespace asio

namespace atomix::net {

struct tcp_options {
  /// For the look-up of the name and all its addresses together. Too short: distant or busy peers
  /// are never reached; too long: a dead one is noticed late.
  std::chrono::milliseconds connect_timeout{2000};
  /// What may wait for a slow reader before it is cut off. One `send` more than that is held.
  std::size_t send_limit_bytes = 64U << 20U;
  /// How long `close` waits for what was sent to leave.
  std::chrono::milliseconds linger{1000};
  /// After how long a silence the kernel probes whether the other machine is still there; seconds,
  /// 0 for never.
  std::chrono::seconds keep_alive{10};
};

/// TCP over IPv4 and IPv6. Everything happens on the thread that runs `loop`, except that Asio
/// looks up names in a thread of its own; `listen` with a name looks it up at once and may block.
/// A listener on a name is bound to each of its addresses, with the same port.
///
/// Requires: `loop` outlives the transport; the transport is not destroyed by its own handlers.
/// Ensures:  its end closes every connection and listener without a call to a handler.
[[nodiscard]] std::unique_ptr<transport> make_tcp_transport(
    asio::io_context& loop, const tcp_options& options = {});

}  // namespace atomix::net
