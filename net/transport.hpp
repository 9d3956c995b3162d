// SPDX-License-Identifier: Apache-2.0
/// \file Port to the network: connections that carry encoded frames between addresses. The real one
/// is TCP (net/tcp.hpp), the simulator's delays, loses, repeats, reorders and cuts.
/// Used on one thread: the one that runs the actors.
#pragma once

#include "net/address.hpp"
#include "net/frame.hpp"

#include "raft/base/strong.hpp"

#include <absl/status/status.h>

#include <memory>
#include <string>
#include <vector>

namespace atomix::net {

using connection_id = strong<struct connection_tag>;

/// Who is told about connections. Outlives the transport's use of it. Calls come from the event
/// loop, never from inside a call to the transport; an implementation only posts messages to
/// actors.
class connection_handler {
 public:
  connection_handler() = default;
  connection_handler(const connection_handler&) = delete;
  connection_handler& operator=(const connection_handler&) = delete;
  virtual ~connection_handler() = default;

  /// A dialled connection stands, or a listener accepted one. `remote` is for messages to humans.
  virtual void opened(connection_id connection, const std::string& remote) = 0;
  /// Everything that one read brought: one call per read, not per frame. Without frames: a part of
  /// a large one came, so the other side is alive.
  virtual void received(connection_id connection, std::vector<frame> frames) = 0;
  /// The connection is gone (or was never made); no call follows. `why` says what happened:
  /// unavailable – refused, reset, closed by the other side, unreachable, name unknown;
  /// deadline_exceeded – no connection in time; resource_exhausted – the other side reads too
  /// slowly; data_loss, unimplemented, invalid_argument – what the frame parser said.
  virtual void closed(connection_id connection, const absl::Status& why) = 0;
};

/// Frames between two ends of a connection may be lost, repeated or reordered (TCP does none of it,
/// the simulator all); they are never altered unnoticed.
class transport {
 public:
  transport() = default;
  transport(const transport&) = delete;
  transport& operator=(const transport&) = delete;
  virtual ~transport() = default;

  /// Accepts connections on `local` until the transport ends. Port 0 picks a free one.
  /// Returns the address bound. Errors: already_exists – port in use; invalid_argument – no such
  /// local address; each with what to do.
  [[nodiscard]] virtual absl::StatusOr<address> listen(
      const address& local, connection_handler& handler) = 0;
  /// Starts a connection; the handler hears `opened` or `closed`. Names are looked up each time.
  [[nodiscard]] virtual connection_id dial(const address& remote, connection_handler& handler) = 0;
  /// Queues encoded frames; they leave in one write at the end of the event loop's turn. If more
  /// than the limit waits for a slow reader the connection is closed. Unknown connections: ignored.
  virtual void send(connection_id connection, std::string frames) = 0;
  /// Closes after what was sent has left (or a second has passed); the handler hears no more of it.
  virtual void close(connection_id connection) = 0;
};

}  // namespace atomix::net
