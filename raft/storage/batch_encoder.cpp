// SPDX-License-Identifier: Apache-2.0
#include "raft/storage/batch_encoder.hpp"

#include "raft/base/check.hpp"
#include "raft/storage/record.hpp"

namespace atomix::raft {

std::uint64_t encoded_bytes(absl::Span<const save_batch> batches) {
  std::uint64_t size = 0;
  for (const save_batch& b : batches) {
    if (b.state_changed) size += record_bytes(0);
    for (const entry& e : b.entries)
      size += record_bytes(e.data.size());
  }
  return size;
}

std::string_view batch_encoder::encode(
    absl::Span<const save_batch> batches,
    const segment_header& header,
    std::uint64_t batch,
    std::uint64_t position) {
  if (sequence_ != header.sequence || salted_uuid_ != header.uuid) {
    salt_ = segment_salt(header.uuid, header.sequence);
    sequence_ = header.sequence;
    salted_uuid_ = header.uuid;
  }
  buffer_.clear();
  entries_.clear();
  position_ = position;
  if (position == 0) encode_segment_header(buffer_, header);
  const std::size_t records_start = buffer_.size();
  for (const save_batch& b : batches) {
    if (b.state_changed) add(b.state, batch);
    for (const entry& e : b.entries)
      add(e, batch);
  }
  ATOMIX_CHECK(buffer_.size() > records_start, "a batch of the log has at least one record");
  mark_last_of_batch(buffer_.data() + last_record_, salt_, position_ + last_record_);
  return buffer_;
}

std::uint64_t batch_encoder::start_record() {
  last_record_ = buffer_.size();
  return position_ + last_record_;
}

void batch_encoder::add(const entry& e, std::uint64_t batch) {
  const std::uint64_t offset = start_record();
  record_header h;
  h.type = record_type::entry;
  h.kind = e.kind;
  h.batch = batch;
  h.index_or_vote = e.id.index.value();
  h.term = e.id.term;
  h.time = e.time;
  encode_record(buffer_, h, e.data.view(), salt_, offset);
  entries_.push_back(
      {e.id.index, {static_cast<std::uint32_t>(sequence_), static_cast<std::uint32_t>(offset)}});
}

void batch_encoder::add(const hard_state& state, std::uint64_t batch) {
  const std::uint64_t offset = start_record();
  record_header h;
  h.type = record_type::state;
  h.batch = batch;
  h.index_or_vote = state.vote.value();
  h.term = state.term;
  encode_record(buffer_, h, {}, salt_, offset);
}

}  // namespace atomix::raft
