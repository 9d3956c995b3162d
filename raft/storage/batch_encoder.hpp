// SPDX-License-Identifier: Apache-2.0
/// \file Turns one append into the bytes of one batch, in a buffer that is used again and again.
#pragma once

#include "raft/core/entry.hpp"
#include "raft/storage/recovery.hpp"
#include "raft/storage/segment.hpp"

#include <absl/types/span.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace atomix::raft {

/// Bytes of the records of `batches`, without a segment header. 0: there is nothing to write.
[[nodiscard]] std::uint64_t encoded_bytes(absl::Span<const save_batch> batches);

/// Where one entry of the batch will stand.
struct placed_entry {
  index_t index;
  entry_location location;
};

class batch_encoder {
 public:
  /// Encodes what will be written at `position` of segment `header.sequence`; with the segment's
  /// header in front if `position` is 0. Requires: `encoded_bytes(batches) > 0`.
  /// The result is valid until the next call.
  [[nodiscard]] std::string_view encode(
      absl::Span<const save_batch> batches,
      const segment_header& header,
      std::uint64_t batch,
      std::uint64_t position);

  [[nodiscard]] const std::vector<placed_entry>& entries() const { return entries_; }

 private:
  void add(const entry& e, std::uint64_t batch);
  void add(const hard_state& state, std::uint64_t batch);
  /// Remembers where the next record starts; returns its offset in the segment.
  std::uint64_t start_record();

  std::string buffer_;
  std::vector<placed_entry> entries_;
  std::string salted_uuid_;  // what `salt_` was made of
  std::uint64_t sequence_ = 0;
  std::uint32_t salt_ = 0;
  std::uint64_t position_ = 0;
  std::size_t last_record_ = 0;  // in the buffer
};

}  // namespace atomix::raft
