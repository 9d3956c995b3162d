// SPDX-License-Identifier: Apache-2.0
/// \file The client's end of a session: numbers commands, retries, follows the leader, orders
/// replies against events. An actor behind the `invoker` that handles use.
#pragma once

#include "actors/world.hpp"

#include "net/address.hpp"
#include "resources/invoker.hpp"

#include <caf/fwd.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace atomix::actors {

struct session_options {
  std::vector<net::address> servers;  ///< any members; the others are learned from them
  std::string cluster;                ///< empty: whichever answers
  /// The cluster gives the session up after this long without a word. [500 ms, 1 h]
  std::uint64_t timeout_ms = 5000;
  std::uint64_t ping_ms = 150;     ///< asks the server for a sign of life this often
  std::uint64_t silence_ms = 600;  ///< and looks for another one after this much silence; > ping_ms
  std::size_t outstanding_max = 65'536;            ///< more calls than this at once are refused
  std::size_t outstanding_bytes_max = 32U << 20U;  ///< and more bytes than this
  std::size_t operation_bytes_max = 4U << 20U;     ///< larger ones are refused
};

/// An `invoker` that can be ended. The last owner's going closes it; handles are owners too.
class session : public invoker {
 public:
  /// Closes the session in the cluster if it can be reached, then tells `done`. Calls after this
  /// fail. A process that just ends leaves its session to the timeout.
  virtual void close(std::function<void()> done) = 0;
  /// None before the session is open.
  [[nodiscard]] virtual session_id id() const = 0;
  [[nodiscard]] virtual session_state state() const = 0;
  /// Why each server that was tried could not be used, one sentence; empty if none failed.
  [[nodiscard]] virtual std::string troubles() const = 0;
};

/// A session that is closed already: every call fails.
[[nodiscard]] std::shared_ptr<session> ended_session();

/// Starts connecting at once. The result may outlive `system`: then its calls fail.
[[nodiscard]] std::shared_ptr<session> start_session(
    caf::actor_system& system, const world& outside, const session_options& options);

}  // namespace atomix::actors
