// SPDX-License-Identifier: Apache-2.0
/// \file Reads a write-ahead log back: what is good, what was torn by a power cut, what is damaged.
///
/// Each append is one batch, written at once and synced before the next begins. So only the last
/// batch may be incomplete, in any of its pages. A bad record with a record of a *later* batch
/// behind it had been synced: that is damage, and damage is refused, not repaired.
#pragma once

#include "raft/core/entry.hpp"
#include "raft/storage/file_system.hpp"

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

namespace atomix::raft {

/// Where an entry's record starts.
struct entry_location {
  std::uint32_t sequence = 0;
  std::uint32_t offset = 0;
};

/// The location of entry i at i - 1. A deque: growing it never copies what is there.
using entry_index = std::deque<entry_location>;

/// Bytes [begin, end) of a segment.
struct byte_range {
  std::uint64_t sequence = 0;
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
};

struct scanned_log {
  recovered_state recovered;
  entry_index index;
  std::uint64_t next_batch = 1;
  std::uint64_t current = 1;    ///< segment to go on in
  std::uint64_t position = 0;   ///< where to go on in it; 0: not even its header is there
  std::uint64_t last_file = 1;  ///< segments after `current` hold nothing
  std::optional<byte_range> last_batch;
  std::vector<byte_range> torn;  ///< behind the last complete batch: to be filled with zeros
};

/// Reads the segments 1 to `last_file` and changes nothing.
/// Errors: data_loss – damage, with file, offset and advice; failed_precondition – newer format.
[[nodiscard]] absl::StatusOr<scanned_log> scan_log(
    file_system& files,
    const std::string& directory,
    const std::string& uuid,
    std::uint64_t last_file);

/// Makes what `scan_log` found true on the media too: cuts torn tails and writes the last batch
/// again. (Read from the page cache it may not be durable yet, and after a failed sync of an
/// earlier process another sync alone would not make it so.) May be cut short and done again.
[[nodiscard]] absl::Status settle_log(
    file_system& files, const std::string& directory, scanned_log& scanned, bool durable);

/// Sequence numbers of the segments among `names`: the last one, 0 if there is none.
/// Errors: data_loss – one is missing in between.
[[nodiscard]] absl::StatusOr<std::uint64_t> last_segment(
    const std::string& directory, const std::vector<std::string>& names);

/// data_loss: what is wrong, and the only safe way out.
[[nodiscard]] absl::Status damaged(const std::string& what);

}  // namespace atomix::raft
