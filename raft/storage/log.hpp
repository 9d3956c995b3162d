// SPDX-License-Identifier: Apache-2.0
/// \file Durable storage of one node: term, vote and log, as a segmented write-ahead log.
/// Used by the log writer's disk worker only. The format is in docs/log_format.md.
#pragma once

#include "raft/core/entry.hpp"
#include "raft/storage/file_system.hpp"

#include <absl/status/status.h>
#include <absl/status/statusor.h>
#include <absl/types/span.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace atomix::raft {

enum class durability : std::uint8_t {
  disk,    ///< fdatasync before anything is promised
  memory,  ///< no sync at all: survives a killed process, not a power cut. For measuring only.
};

struct log_options {
  std::string directory;
  std::string cluster;     ///< name of the cluster; a directory of another cluster is refused
  std::string node;        ///< this member's name; a directory of another member is refused
  std::string fresh_uuid;  ///< identity for a directory that has none yet (36 characters)
  std::uint64_t segment_bytes = 64U << 20U;  ///< [4 KiB, 1 GiB]; files are filled ahead
  durability level = durability::disk;
};

/// So many bytes may be appended between two calls of `log::prepare` for appends to fall on blocks
/// that are filled already: a MiB at most.
[[nodiscard]] std::uint64_t prepare_distance(const log_options& options);

/// What opening found.
struct opened_log {
  recovered_state recovered;
  std::string uuid;                ///< identity of the data directory
  std::vector<std::string> notes;  ///< what was repaired, in sentences for the operator
};

class log {
 public:
  /// Takes the directory's lock, creates or recovers. A torn tail is repaired: records after the
  /// last complete one that no sync vouched for are cut. Damage with durable records behind it is
  /// refused. Errors: data_loss – damage in the middle, with file, offset and advice;
  ///         failed_precondition – locked, or of another cluster, member or format;
  ///         resource_exhausted – disk full.
  [[nodiscard]] static absl::StatusOr<std::unique_ptr<log>> open(
      file_system& files, const log_options& options, opened_log& found);

  log() = default;
  log(const log&) = delete;
  log& operator=(const log&) = delete;
  virtual ~log() = default;

  /// Writes the batches in order and makes them durable together.
  /// Requires: entries of each batch contiguous, starting at most one after the last.
  /// Ensures:  on ok, all of it survives a power cut (level disk).
  /// Errors:   nothing is promised; stop the node, do not retry. Every later call fails too.
  /// Cost:     one write and one sync, whatever the number of batches and entries.
  [[nodiscard]] virtual absl::Status append(absl::Span<const save_batch> batches) = 0;

  /// Entries from `from` on, about `bytes_max` bytes of data, at least one if there is one.
  /// May be called while another thread is in `append`.
  [[nodiscard]] virtual absl::StatusOr<std::vector<entry>> read(
      index_t from, std::size_t bytes_max) = 0;

  /// Fills the next segment ahead if it is not there yet, so that `append` never has to wait for
  /// it. May be called while another thread is in `append`. Errors: resource_exhausted and others;
  /// the log stays usable until its current segment is full.
  [[nodiscard]] virtual absl::Status prepare() = 0;
};

/// What `atomix log verify` prints: reads everything, repairs nothing, takes no lock.
/// Errors: as `log::open`, and data_loss for a torn tail too.
[[nodiscard]] absl::StatusOr<std::string> verify_log(
    file_system& files, const std::string& directory);

}  // namespace atomix::raft
