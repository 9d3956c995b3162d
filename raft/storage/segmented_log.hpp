// SPDX-License-Identifier: Apache-2.0
/// \file The log that `log::open` returns: appends to the current segment, reads back by index,
/// keeps the next segment ready. How it got there is setup.cpp and recovery.cpp.
#pragma once

#include "raft/storage/batch_encoder.hpp"
#include "raft/storage/log.hpp"
#include "raft/storage/recovery.hpp"
#include "raft/storage/segment.hpp"

#include <map>
#include <memory>
#include <mutex>
#include <string>

namespace atomix::raft {

/// How far zeros are kept ahead of the write position.
[[nodiscard]] std::uint64_t fill_ahead_bytes(std::uint64_t segment_bytes);

/// One thread appends; others may `read` and `prepare` meanwhile.
class segmented_log final : public log {
 public:
  struct parts {
    std::unique_ptr<directory_lock> lock;
    std::string uuid;
    scanned_log scanned;  // settled
    std::shared_ptr<segment_file> current;
    std::shared_ptr<segment_file> prepared;  // the one after it, or null
  };

  segmented_log(file_system& files, const log_options& options, parts p);

  absl::Status append(absl::Span<const save_batch> batches) override;
  absl::StatusOr<std::vector<entry>> read(index_t from, std::size_t bytes_max) override;
  absl::Status prepare() override;

 private:
  /// What a reader needs to know, taken at one moment.
  struct read_plan {
    std::vector<entry_location> locations;  // of the entries from the first wanted one on
    std::uint64_t end = ~std::uint64_t{0};  // of what may be read in their segment
    std::uint64_t replacements = 0;         // equal: both plans speak of the same log
  };

  absl::Status write_batch(absl::Span<const save_batch> batches, std::uint64_t size);
  absl::Status make_room(std::uint64_t size);
  absl::Status switch_segment(std::uint64_t size);
  void check_contiguous(absl::Span<const save_batch> batches) const;
  void publish();
  absl::Status fail(absl::Status first);

  absl::StatusOr<read_plan> plan_read(index_t from, std::size_t bytes_max) const;
  absl::StatusOr<shared_bytes> load_planned(
      std::size_t bytes_max, const read_plan& plan, std::uint32_t salt);
  absl::StatusOr<file*> reader_of(std::uint64_t sequence);
  absl::StatusOr<std::vector<entry>> read_planned(
      index_t from, std::size_t bytes_max, const read_plan& plan);

  [[nodiscard]] bool durable() const { return options_.level == durability::disk; }

  file_system& files_;
  const log_options options_;
  const std::string uuid_;
  const std::unique_ptr<directory_lock> lock_;

  // Of the appending thread.
  batch_encoder encoder_;
  std::uint64_t next_batch_;
  hard_state state_;
  std::uint64_t position_;

  // Order of locking: fill, read, state.
  std::mutex fill_mutex_;  // who extends files: guards `prepared_` and filling
  std::shared_ptr<segment_file> prepared_;

  std::mutex read_mutex_;
  std::map<std::uint64_t, std::unique_ptr<file>> readers_;

  mutable std::mutex state_mutex_;  // held for moments only
  absl::Status failure_;
  entry_index index_;
  std::uint64_t replacements_ = 0;         // how often entries have been replaced
  std::shared_ptr<segment_file> current_;  // changed under both `fill_mutex_` and this one
  std::uint64_t published_;                // end of what is durable in `current_`
};

}  // namespace atomix::raft
