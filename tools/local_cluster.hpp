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
#include <optional>
#include <string>
#include <vector>

namespace atomix::tools {

struct local_cluster_options {
  std::size_t members = 3;
  std::string directory;  ///< for data and logs; empty: a temporary one below the current directory
  std::vector<std::string> flags;  ///< more arguments for each server
  /// What runs a server, before its arguments; empty: this program's `server`.
  std::vector<std::string> command;
  /// Where the members are to be dialled, if not where they listen: "host:port" each.
  std::vector<std::string> fronts;
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

  /// Stops the servers in order. Their data stay for as long as this object lives.
  void stop();
  /// Data and logs stay for good.
  void keep_files() { keeps_files_ = true; }
  [[nodiscard]] const std::string& directory() const { return options_.directory; }
  [[nodiscard]] std::string data_of(std::size_t place) const;

  /// Where they listen: "host:port,...".
  [[nodiscard]] std::string servers() const;
  [[nodiscard]] std::vector<pid_t> pids() const;

  /// Waits until all members answer, agree on a leader and have the same log; returns the leader's
  /// place. Errors: deadline_exceeded, with what a member said last.
  [[nodiscard]] absl::StatusOr<std::size_t> wait_until_in_sync(std::chrono::milliseconds patience);
  void signal(std::size_t place, int signal) const;
  /// Waits for the end of a killed member and starts it again, at the same address.
  [[nodiscard]] absl::Status restart(std::size_t place);
  /// The exit code of a member that has ended since it was started last.
  [[nodiscard]] std::optional<int> exit_code(std::size_t place);

 private:
  struct member {
    std::string name;
    std::string address;
    pid_t pid = 0;
    std::optional<int> exit_code;  // has ended, and was waited for
  };
  [[nodiscard]] absl::Status launch(member& m);
  [[nodiscard]] absl::StatusOr<std::size_t> leader_in_sync() const;
  [[nodiscard]] std::string log_of(const member& m) const;

  local_cluster_options options_;
  bool directory_is_ours_ = false;
  bool keeps_files_ = false;
  std::vector<member> members_;
};

}  // namespace atomix::tools
