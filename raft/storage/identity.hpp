// SPDX-License-Identifier: Apache-2.0
/// \file Whose data directory this is: a small text file, written once. Its presence says that the
/// directory was set up completely.
#pragma once

#include "raft/storage/file_system.hpp"

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include <optional>
#include <string>

namespace atomix::raft {

struct identity {
  std::string cluster;
  std::string node;
  std::string uuid;
  friend bool operator==(const identity&, const identity&) = default;
};

/// None if there is no such file. Errors: data_loss – unreadable; failed_precondition – newer
/// format.
[[nodiscard]] absl::StatusOr<std::optional<identity>> read_identity(
    file_system& files, const std::string& directory);

/// Puts the file in place, all or nothing across a power cut. Requires: names without line breaks.
[[nodiscard]] absl::Status write_identity(
    file_system& files, const std::string& directory, const identity& id, bool durable);

}  // namespace atomix::raft
