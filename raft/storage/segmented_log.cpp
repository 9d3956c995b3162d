// SPDX-License-Identifier: Apache-2.0
#include "raft/storage/segmented_log.hpp"

#include "raft/base/check.hpp"
#include "raft/base/fault_point.hpp"
#include "raft/base/probe.hpp"
#include "raft/storage/record.hpp"

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <limits>
#include <optional>
#include <utility>

namespace atomix::raft {
namespace {

constexpr std::size_t readers_max = 16;  // open files

}  // namespace

std::uint64_t fill_ahead_bytes(std::uint64_t segment_bytes) {
  return std::min<std::uint64_t>(segment_bytes / 4, 4U << 20U);
}

std::uint64_t prepare_distance(const log_options& options) {
  // Often enough that the filler stays in front of the writer.
  return fill_ahead_bytes(options.segment_bytes) / 4;
}

segmented_log::segmented_log(file_system& files, const log_options& options, parts p)
    : files_(files),
      options_(options),
      uuid_(std::move(p.uuid)),
      lock_(std::move(p.lock)),
      next_batch_(p.scanned.next_batch),
      state_(p.scanned.recovered.state),
      position_(p.scanned.position),
      prepared_(std::move(p.prepared)),
      index_(std::move(p.scanned.index)),
      current_(std::move(p.current)),
      published_(p.scanned.position) {}

absl::Status segmented_log::append(absl::Span<const save_batch> batches) {
  {
    const std::lock_guard guard(state_mutex_);
    if (!failure_.ok()) return failure_;
  }
  const std::uint64_t size = encoded_bytes(batches);
  if (size == 0) return absl::OkStatus();
  check_contiguous(batches);
  absl::Status status = write_batch(batches, size);
  return status.ok() ? status : fail(std::move(status));
}

void segmented_log::check_contiguous(absl::Span<const save_batch> batches) const {
  // `index_` only changes on this thread: reading it needs no lock.
  std::uint64_t last = index_.size();
  for (const save_batch& b : batches) {
    for (std::size_t i = 0; i < b.entries.size(); ++i) {
      const std::uint64_t index = b.entries[i].id.index.value();
      const bool follows = i == 0 ? index >= 1 && index <= last + 1 : index == last + 1;
      ATOMIX_CHECK(follows, "entries of a batch are contiguous and leave no gap in the log");
      last = index;
    }
  }
}

absl::Status segmented_log::write_batch(absl::Span<const save_batch> batches, std::uint64_t size) {
  if (auto status = make_room(size); !status.ok()) return status;
  segment_header header;
  header.sequence = current_->sequence;
  header.uuid = uuid_;
  header.first_batch = next_batch_;
  header.first_index = index_t{index_.size() + 1};
  header.state = state_;
  const std::string_view bytes = encoder_.encode(batches, header, next_batch_, position_);
  fault_point("log.before_write");
  if (auto status = current_->data->write(position_, bytes); !status.ok()) return status;
  fault_point("log.before_sync");
  if (durable()) {
    if (auto status = current_->data->sync(); !status.ok()) return status;
  }
  fault_point("log.after_sync");
  position_ += bytes.size();
  ++next_batch_;
  for (const save_batch& b : batches) {
    if (b.state_changed) state_ = b.state;
  }
  publish();
  return absl::OkStatus();
}

/// Chooses the segment for `size` bytes of records and sees to it that they fall on written blocks.
absl::Status segmented_log::make_room(std::uint64_t size) {
  if (position_ != 0 && position_ + size > options_.segment_bytes) {
    if (auto status = switch_segment(size); !status.ok()) return status;
  }
  // A batch larger than a segment gets one for itself, which grows.
  const std::uint64_t end = position_ + size + (position_ == 0 ? segment_header_bytes : 0);
  if (end > options_.segment_bytes) sometimes(probe::batch_larger_than_segment);
  if (end > std::numeric_limits<std::uint32_t>::max()) {
    return absl::InvalidArgumentError("One write to the log must stay below 4 GiB.");
  }
  if (end <= current_->filled) return absl::OkStatus();
  const std::lock_guard filling(fill_mutex_);
  const std::uint64_t ahead = end + fill_ahead_bytes(options_.segment_bytes);
  return current_->fill(std::max(end, std::min(ahead, options_.segment_bytes)), durable());
}

absl::Status segmented_log::switch_segment(std::uint64_t size) {
  const std::lock_guard filling(fill_mutex_);
  if (prepared_ == nullptr) {
    sometimes(probe::segment_not_prepared);
    const std::uint64_t needed = size + segment_header_bytes;
    const std::uint64_t ahead = needed + fill_ahead_bytes(options_.segment_bytes);
    auto created = create_segment(
        files_,
        options_.directory,
        current_->sequence + 1,
        std::max(needed, std::min(ahead, options_.segment_bytes)),
        durable());
    if (!created.ok()) return created.status();
    prepared_ = *std::move(created);
  }
  fault_point("log.segment_switched");
  const std::lock_guard guard(state_mutex_);
  current_ = std::exchange(prepared_, nullptr);
  position_ = published_ = 0;
  return absl::OkStatus();
}

void segmented_log::publish() {
  const std::lock_guard guard(state_mutex_);
  for (const placed_entry& placed : encoder_.entries()) {
    const auto before = static_cast<std::size_t>(placed.index.value() - 1);
    if (before < index_.size()) {
      index_.resize(before);
      ++replacements_;
    }
    index_.push_back(placed.location);
  }
  published_ = position_;
}

/// After a failed write or sync nobody knows what is on the media: the first error is the last
/// word.
absl::Status segmented_log::fail(absl::Status first) {
  const std::lock_guard guard(state_mutex_);
  if (failure_.ok()) failure_ = std::move(first);
  return failure_;
}

absl::Status segmented_log::prepare() {
  const std::lock_guard filling(fill_mutex_);
  std::uint64_t position = 0;
  {
    const std::lock_guard guard(state_mutex_);
    if (!failure_.ok()) return failure_;
    position = published_;
  }
  const std::uint64_t segment = options_.segment_bytes;
  const std::uint64_t ahead = fill_ahead_bytes(segment);
  if (current_->filled < std::min(segment, position + ahead)) {
    const std::uint64_t end = std::min(segment, position + 2 * ahead);
    auto status = current_->fill(end, durable());
    // Only zeros are missing if the disk is full; any other error may concern records as well.
    if (!status.ok()) return absl::IsResourceExhausted(status) ? status : fail(std::move(status));
  }
  if (prepared_ != nullptr || position <= segment / 2) return absl::OkStatus();
  auto created = create_segment(
      files_, options_.directory, current_->sequence + 1, std::min(segment, 2 * ahead), durable());
  if (!created.ok()) return created.status();
  prepared_ = *std::move(created);
  return absl::OkStatus();
}

absl::StatusOr<segmented_log::read_plan> segmented_log::plan_read(
    index_t from, std::size_t bytes_max) const {
  const std::lock_guard guard(state_mutex_);
  if (!failure_.ok()) return failure_;
  read_plan plan;
  plan.replacements = replacements_;
  if (from.is_none() || from.value() > index_.size()) return plan;
  const entry_location first = index_[static_cast<std::size_t>(from.value() - 1)];
  entry_location before = first;
  for (std::uint64_t i = from.value() - 1; i < index_.size(); ++i) {
    const entry_location here = index_[static_cast<std::size_t>(i)];
    // Within one segment later entries stand further behind, or an older one was replaced.
    if (here.sequence != first.sequence || here.offset < before.offset) break;
    if (here.offset - first.offset > bytes_max) break;
    plan.locations.push_back(here);
    before = here;
  }
  // What stands behind the records of an earlier segment are zeros, up to the end of the file.
  if (first.sequence == current_->sequence) plan.end = published_;
  return plan;
}

absl::StatusOr<file*> segmented_log::reader_of(std::uint64_t sequence) {
  if (readers_.size() >= readers_max) readers_.clear();  // a slow follower reads few segments
  auto& reader = readers_[sequence];
  if (reader == nullptr) {
    const std::string path = absl::StrCat(options_.directory, "/", segment_name(sequence));
    auto opened = files_.open(path, open_mode::existing);
    if (!opened.ok()) return opened.status();
    reader = *std::move(opened);
  }
  return reader.get();
}

absl::StatusOr<std::vector<entry>> segmented_log::read(index_t from, std::size_t bytes_max) {
  const std::lock_guard reading(read_mutex_);
  std::vector<entry> out;
  std::size_t bytes = 0;
  std::optional<std::uint64_t> replacements;
  while (out.empty() || bytes < bytes_max) {
    const index_t next{from.value() + out.size()};
    auto plan = plan_read(next, bytes_max - bytes);
    if (!plan.ok()) return plan.status();
    // What was read first and what would follow must belong to the same log.
    if (replacements.value_or(plan->replacements) != plan->replacements) break;
    replacements = plan->replacements;
    if (plan->locations.empty()) break;
    auto part = read_planned(next, bytes_max - bytes, *plan);
    if (!part.ok()) return part.status();
    for (entry& e : *part) {
      bytes += e.data.size();
      out.push_back(std::move(e));
    }
  }
  return out;
}

/// The bytes from the first planned record to the end of the last one.
absl::StatusOr<shared_bytes> segmented_log::load_planned(
    std::size_t bytes_max, const read_plan& plan, std::uint32_t salt) {
  auto source = reader_of(plan.locations.front().sequence);
  if (!source.ok()) return source.status();
  const std::uint64_t start = plan.locations.front().offset;
  const std::uint64_t last = plan.locations.back().offset;
  const std::uint64_t needed = last - start + record_header_bytes;
  const std::uint64_t size = std::min(plan.end - start, std::max<std::uint64_t>(needed, bytes_max));
  auto loaded = (*source)->read(start, static_cast<std::size_t>(size));
  if (!loaded.ok()) return loaded.status();
  record_header header;
  const std::size_t at = std::min(static_cast<std::size_t>(last - start), loaded->size());
  if (decode_header(std::string_view(*loaded).substr(at), salt, last, header)) {
    const std::size_t wanted = at + record_bytes(header.data_bytes);
    if (wanted > loaded->size()) {
      auto rest = (*source)->read(start + loaded->size(), wanted - loaded->size());
      if (!rest.ok()) return rest.status();
      loaded->append(*rest);
    }
  }
  return shared_bytes(*std::move(loaded));
}

absl::StatusOr<std::vector<entry>> segmented_log::read_planned(
    index_t from, std::size_t bytes_max, const read_plan& plan) {
  const std::uint64_t sequence = plan.locations.front().sequence;
  const std::uint32_t salt = segment_salt(uuid_, sequence);
  auto chunk = load_planned(bytes_max, plan, salt);
  if (!chunk.ok()) return chunk.status();
  std::vector<entry> out;
  for (const entry_location& location : plan.locations) {
    const std::size_t at = location.offset - plan.locations.front().offset;
    const std::uint64_t index = from.value() + out.size();
    const std::string_view bytes = chunk->view().substr(std::min(at, chunk->size()));
    record_header header;
    const bool good = decode_header(bytes, salt, location.offset, header)
                      && header.type == record_type::entry && header.index_or_vote == index
                      && data_intact(
                          header,
                          bytes.substr(record_header_bytes, padded(header.data_bytes)),
                          salt,
                          location.offset);
    if (!good) {
      return damaged(absl::StrCat(
          options_.directory,
          "/",
          segment_name(sequence),
          " at offset ",
          location.offset,
          ": entry ",
          index,
          " can no longer be read."));
    }
    out.push_back(
        {header.id(),
         header.kind,
         header.time,
         chunk->slice(at + record_header_bytes, header.data_bytes)});
  }
  return out;
}

}  // namespace atomix::raft
