// SPDX-License-Identifier: Apache-2.0
/// \file Port to durable media. The real one is POSIX, the simulator's is in memory and forgets
/// what was not synced. Calls block: they are made by a disk worker, never by an actor.
#pragma once

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace atomix::raft {

/// An open file. Used by one thread at a time.
class file {
 public:
  file() = default;
  file(const file&) = delete;
  file& operator=(const file&) = delete;
  virtual ~file() = default;

  /// Writes all of `data` at `offset`, growing the file as needed. Nothing is durable before
  /// `sync`.
  [[nodiscard]] virtual absl::Status write(std::uint64_t offset, std::string_view data) = 0;
  /// Reads up to `size` bytes; fewer only at the end of the file.
  [[nodiscard]] virtual absl::StatusOr<std::string> read(
      std::uint64_t offset, std::size_t size) = 0;
  /// Makes all earlier writes, and the file's size, survive a power cut.
  /// Errors: nothing is promised and nothing may be retried: after a failed fsync the page cache
  /// lies (Rebello et al., ATC 2020).
  [[nodiscard]] virtual absl::Status sync() = 0;
  [[nodiscard]] virtual absl::Status truncate(std::uint64_t size) = 0;
  [[nodiscard]] virtual absl::StatusOr<std::uint64_t> size() = 0;
};

enum class open_mode : std::uint8_t {
  existing,  ///< read and write; not_found if absent
  create,    ///< read and write; already_exists if present
};

/// Keeps a data directory to one process; released on destruction.
class directory_lock {
 public:
  directory_lock() = default;
  directory_lock(const directory_lock&) = delete;
  directory_lock& operator=(const directory_lock&) = delete;
  virtual ~directory_lock() = default;
};

/// Paths are plain strings with '/'. A created, renamed or removed name survives a power cut only
/// after `sync_directory` of its folder. Errors name the path and the cause.
class file_system {
 public:
  file_system() = default;
  file_system(const file_system&) = delete;
  file_system& operator=(const file_system&) = delete;
  virtual ~file_system() = default;

  [[nodiscard]] virtual absl::StatusOr<std::unique_ptr<file>> open(
      const std::string& path, open_mode mode) = 0;
  [[nodiscard]] virtual absl::Status rename(const std::string& from, const std::string& to) = 0;
  [[nodiscard]] virtual absl::Status remove(const std::string& path) = 0;
  /// Names (not paths) in `directory`, sorted.
  [[nodiscard]] virtual absl::StatusOr<std::vector<std::string>> list(
      const std::string& directory) = 0;
  /// Makes `directory` and what leads to it; ok if it is there.
  [[nodiscard]] virtual absl::Status make_directory(const std::string& directory) = 0;
  [[nodiscard]] virtual absl::Status sync_directory(const std::string& directory) = 0;
  /// Errors: failed_precondition, naming the holder's process if known.
  [[nodiscard]] virtual absl::StatusOr<std::unique_ptr<directory_lock>> lock(
      const std::string& directory) = 0;
};

}  // namespace atomix::raft
