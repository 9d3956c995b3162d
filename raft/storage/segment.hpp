// SPDX-License-Identifier: Apache-2.0
/// \file One file of the write-ahead log: its name, its header, and how it is filled ahead.
/// Format: docs/log_format.md.
///
///     segment = header (128 bytes), records, zeros
///     header  = magic:8 version:4 zero:4 sequence:8 uuid:36 zero:4 first_batch:8 first_index:8
///               term:8 vote:8 zero:28 crc:4
///
/// The header is written together with the first batch: a segment without one is a file of zeros.
#pragma once

#include "raft/core/entry.hpp"
#include "raft/storage/file_system.hpp"

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace atomix::raft {

inline constexpr std::size_t segment_header_bytes = 128;
inline constexpr std::uint32_t log_format_version = 1;

struct segment_header {
  std::uint32_t version = log_format_version;
  std::uint64_t sequence = 0;     ///< as in the name, counted from 1 without gaps
  std::string uuid;               ///< of the data directory (36 characters)
  std::uint64_t first_batch = 0;  ///< number of the batch that follows the header
  index_t first_index;            ///< one more than the last index when the segment began
  hard_state state;               ///< when the segment began
};

[[nodiscard]] std::string segment_name(std::uint64_t sequence);
/// The sequence number in a file's name; none if it is not a segment's.
[[nodiscard]] std::optional<std::uint64_t> sequence_of(std::string_view name);

void encode_segment_header(std::string& out, const segment_header& header);
/// None if `bytes` do not start with an intact header (of whatever version).
[[nodiscard]] std::optional<segment_header> decode_segment_header(std::string_view bytes);

/// An open segment for writing. `data` belongs to the thread that appends; everything else to who
/// holds the log's fill lock.
struct segment_file {
  std::uint64_t sequence = 0;
  std::string path;
  std::unique_ptr<file> data;
  std::unique_ptr<file> filler;           ///< a second handle on the same file
  std::atomic<std::uint64_t> filled = 0;  ///< zeros or records are on the media up to here

  /// Writes zeros from `filled` up to `end`, and makes them durable if `durable`.
  /// Ensures: `filled` only counts what has been written, and synced if asked for.
  [[nodiscard]] absl::Status fill(std::uint64_t end, bool durable);
};

/// Opens an existing segment for appending. `size` counts as filled.
[[nodiscard]] absl::StatusOr<std::shared_ptr<segment_file>> open_segment(
    file_system& files, const std::string& directory, std::uint64_t sequence);

/// Creates segment `sequence`, `filled` bytes of zeros; durable with its name if `durable`.
/// A half-made file is removed again if that is possible.
[[nodiscard]] absl::StatusOr<std::shared_ptr<segment_file>> create_segment(
    file_system& files,
    const std::string& directory,
    std::uint64_t sequence,
    std::uint64_t filled,
    bool durable);

}  // namespace atomix::raft
