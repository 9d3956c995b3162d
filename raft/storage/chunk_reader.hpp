// SPDX-License-Identifier: Apache-2.0
/// \file Reads a file front to back in large chunks; what it hands out shares them, nothing is
/// copied.
#pragma once

#include "raft/base/shared_bytes.hpp"
#include "raft/storage/file_system.hpp"

#include <absl/status/statusor.h>

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <utility>

namespace atomix::raft {

class chunk_reader {
 public:
  static constexpr std::size_t chunk_bytes = 1U << 20U;

  explicit chunk_reader(file& source) : source_(source) {}

  /// The `size` bytes at `offset`; fewer only at the end of the file. Valid until the next look.
  [[nodiscard]] absl::StatusOr<std::string_view> look_at(std::uint64_t offset, std::size_t size) {
    if (offset < start_ || offset + size > start_ + chunk_.size()) {
      if (at_end_ && offset >= start_) {
        size = left_from(offset, size);
      } else if (auto status = load(offset, size); !status.ok()) {
        return status;
      }
      size = left_from(offset, size);
    }
    if (size == 0) return std::string_view{};
    return chunk_.view().substr(static_cast<std::size_t>(offset - start_), size);
  }
  /// The same, to keep. Requires: `look_at` has just shown these bytes.
  [[nodiscard]] shared_bytes share(std::uint64_t offset, std::size_t size) const {
    return chunk_.slice(static_cast<std::size_t>(offset - start_), size);
  }

 private:
  [[nodiscard]] std::size_t left_from(std::uint64_t offset, std::size_t size) const {
    const std::uint64_t end = start_ + chunk_.size();
    if (offset >= end) return 0;
    return static_cast<std::size_t>(std::min<std::uint64_t>(size, end - offset));
  }

  [[nodiscard]] absl::Status load(std::uint64_t offset, std::size_t size) {
    const std::size_t wanted = std::max(size, chunk_bytes);
    auto bytes = source_.read(offset, wanted);
    if (!bytes.ok()) return bytes.status();
    at_end_ = bytes->size() < wanted;
    chunk_ = shared_bytes(*std::move(bytes));
    start_ = offset;
    return absl::OkStatus();
  }

  file& source_;
  shared_bytes chunk_;
  std::uint64_t start_ = 0;
  bool at_end_ = false;  // nothing follows the chunk
};

}  // namespace atomix::raft
