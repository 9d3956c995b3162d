// SPDX-License-Identifier: Apache-2.0
/// \file The public door of a client: a process of its own, stateless, with one session.
#pragma once

#include "resources/future.hpp"
#include "resources/invoker.hpp"

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace atomix {

struct client_options {
  /// "host:port" of any members, at least one; the others are learned from them.
  std::vector<std::string> servers;
  /// Name of the cluster; empty: whichever answers.
  std::string cluster;
  /// The cluster gives this client's session up after this long without a word. [500 ms, 1 h]
  std::chrono::milliseconds session_timeout{5000};
  /// How long `connect` waits for a session. A later `connect` may succeed.
  std::chrono::milliseconds connect_timeout{5000};
  /// More calls than this at once, or 32 MiB of them, are refused with resource_exhausted.
  /// [1, 65'536]: the cluster remembers as many answers of a session.
  std::size_t outstanding_max = 65'536;
};

/// What a member says of itself and, if it leads, of the others.
struct member_status {
  struct peer {
    std::string name;
    std::string address;
    std::uint64_t match = 0;  ///< last log index durable there, as the leader knows
    bool active = false;      ///< heard from within an election timeout
  };
  std::string cluster, name, role, leader, version;
  std::uint64_t term = 0, commit = 0, applied = 0, last = 0;
  std::uint64_t log_time_ms = 0, sessions = 0, resources = 0;
  std::vector<peer> members;
};

/// A session with a cluster, on a thread of its own. Thread-safe. Moves, does not copy.
class client {
 public:
  /// Connects and opens a session.
  /// Errors: invalid_argument – an address that is none, with what is expected;
  ///         failed_precondition – every server refuses us (another cluster's), at once;
  ///         unavailable – no session in time; each with every server's own reason.
  [[nodiscard]] static absl::StatusOr<client> connect(const client_options& options);
  /// Same, with defaults: `connect("127.0.0.1:5001,127.0.0.1:5002")`.
  [[nodiscard]] static absl::StatusOr<client> connect(std::string_view servers);
  /// A further session with the same options on this one's thread: cheaper than a thread of its
  /// own. Waits for it. Errors: as `connect`; failed_precondition – called from a listener or
  /// completion, whose thread the new session needs.
  [[nodiscard]] absl::StatusOr<client> another() const;
  /// Asks one server (which needs no leader for it).
  [[nodiscard]] static absl::StatusOr<member_status> status_of(
      const std::string& server, std::chrono::milliseconds patience);

  client(client&&) noexcept;
  client& operator=(client&&) noexcept;
  client(const client&) = delete;
  client& operator=(const client&) = delete;
  /// Closes the session; waits at most a second for the cluster's word. In a completion or listener
  /// of its own it does not wait.
  ~client();

  /// A handle to the resource called `name`, made on first use: `get<atomix::lock>("deploy")`.
  /// Handles are cheap, may outlive this object (their calls then fail) and may be used anywhere.
  template <class Handle>
  [[nodiscard]] Handle get(std::string name) const {
    return Handle{session(), std::move(name)};
  }

  /// Names of all resources, and whether one exists.
  [[nodiscard]] future<std::vector<resource_name>> resources() const;
  [[nodiscard]] future<bool> exists(const std::string& name) const;

  [[nodiscard]] session_state state() const;
  /// Calls `listener` with the state now, at once, and at each change on the session's thread.
  void on_state_change(state_listener listener) const;
  /// Ends the session, so that everything bound to it (locks, candidacies) is released at once.
  void close();

  /// For handles.
  [[nodiscard]] std::shared_ptr<invoker> session() const;

 private:
  struct parts;
  explicit client(std::unique_ptr<parts> p);
  static absl::StatusOr<client> open(std::unique_ptr<parts> p);
  std::unique_ptr<parts> parts_;
};

}  // namespace atomix
