// SPDX-License-Identifier: Apache-2.0
/// \file The public door of a replica: a stateful member of the cluster, with the client's handles.
#pragma once

#include "actors/client.hpp"

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace atomix {

namespace resources {
class machine_registry;
}  // namespace resources

struct replica_options {
  std::string name;  ///< this member's name, one of `members`
  /// All members, "name=host:port" or just "host:port" (which is then also the name). The same on
  /// every member.
  std::vector<std::string> members;
  std::string listen;              ///< "host:port"; empty: the member's own address
  std::string directory;           ///< data; made if absent
  std::string cluster = "atomix";  ///< nodes and clients of another cluster are refused
  /// A follower that hears nothing asks for votes after one to two of these. Too short: elections
  /// under load; too long: slow recovery from a silent leader. [50 ms, 60 s]
  std::chrono::milliseconds election_timeout{400};
  std::chrono::milliseconds heartbeat{80};          ///< less than half of `election_timeout`
  std::chrono::milliseconds session_timeout{5000};  ///< of this replica's own session
  std::uint64_t segment_bytes = 64U << 20U;         ///< size of log files, [1 MiB, 1 GiB]
  /// False: the log is not synced. Survives a killed process, loses data in a power cut.
  bool sync = true;
  /// Types of resources beyond the catalog's, from resources/machine_registry.hpp; the same on
  /// every member. Null: the catalog.
  std::shared_ptr<const resources::machine_registry> machines;
  /// Sentences for the operator; empty: standard error, from `info` up.
  std::function<void(std::string_view severity, std::string_view sentence)> log;
};

/// A running member. Thread-safe. Moves, does not copy.
class replica {
 public:
  /// Recovers the data directory, listens and joins the others. Does not wait for a leader.
  /// Errors: invalid_argument – options that contradict themselves; failed_precondition – data
  /// directory locked or another cluster's; already_exists – port in use; data_loss – damaged log.
  [[nodiscard]] static absl::StatusOr<replica> start(const replica_options& options);

  replica(replica&&) noexcept;
  replica& operator=(replica&&) noexcept;
  replica(const replica&) = delete;
  replica& operator=(const replica&) = delete;
  /// As `stop`.
  ~replica();

  /// A handle, as with a client: this replica's own session, opened on first use, and anew on the
  /// next use after it has expired. (Handles of the one before have ended.)
  template <class Handle>
  [[nodiscard]] Handle get(std::string name) const {
    return Handle{session(), std::move(name)};
  }
  /// After `stop`: one whose calls fail.
  [[nodiscard]] std::shared_ptr<invoker> session() const;

  [[nodiscard]] std::string address() const;  ///< where it listens
  [[nodiscard]] bool is_leader() const;
  /// Leaves in order: closes its own session and its connections, so that the others elect a leader
  /// at once; then the log. Data stay.
  void stop();
  /// Waits until the replica has failed (its disk, most likely) or was stopped.
  /// Returns ok after `stop`, else why it failed.
  [[nodiscard]] absl::Status wait() const;

 private:
  struct parts;
  explicit replica(std::unique_ptr<parts> p);
  std::unique_ptr<parts> parts_;
};

}  // namespace atomix
