// SPDX-License-Identifier: Apache-2.0
/// \file A cluster of `atomix server` processes of this program, on loopback, for as long as this
/// object lives.
#pragma once

#include "actors/client.hpp"

#include <absl/status/status.h>
#include <absl/status/statusor.h>
#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace atomix::tools {

struct local_cluster_options {
  std::size_t members = 3;
  std::string directory;  ///< for data and logs; empty: a temporary one below the current directory
  std::vector<std::string> flags;  ///< more arguments for each server
};

class local_cluster {
 public:
  /// Starts the servers on free ports; does not wait for a leader. Data of an earlier run are
  /// removed.
  [[nodiscard]] static absl::StatusOr<std::unique_ptr<local_cluster>> start(
      const local_cluster_options& options);

  local_cluster() = default;
  local_cluster(const local_cluster&) = delete;
  local_cluster& operator=(const local_cluster&) = delete;
  /// Stops the servers and removes their data.
  ~local_cluster();

  /// "host:port,...".
  [[nodiscard]] std::string servers() const;
  [[nodiscard]] std::vector<pid_t> pids() const;

  /// Waits until all members answer, agree on a leader and have the same log; returns the leader's
  /// place. Errors: deadline_exceeded, with what a member said last.
  [[nodiscard]] absl::StatusOr<std::size_t> wait_until_in_sync(std::chrono::milliseconds patience);
  void signal(std::size_t place, int signal) const;
  /// Waits for the end of a killed member and starts it again, at the same address.
  [[nodiscard]] absl::Status restart(std::size_t place);

 private:
  struct member {
    std::string name;
    std::string address;
    pid_t pid = 0;
  };
  [[nodiscard]] absl::Status launch(member& m);
  [[nodiscard]] std::string log_of(const member& m) const;

  local_cluster_options options_;
  bool directory_is_ours_ = false;
  std::vector<member> members_;
};

}  // namespace atomix::tools
