// SPDX-License-Identifier: Apache-2.0
/// \file Records of the write-ahead log as bytes. Format: docs/log_format.md.
///
///     record  = header (48 bytes), data, zeros up to a multiple of 8
///     header  = header_crc:4 data_size:4 batch:8 type:1 kind:1 flags:2 data_crc:4
///               index_or_vote:8 term:8 time:8
///
/// Both checksums start from a salt made of the directory's UUID, the segment's number and the
/// record's offset: a record is one only in its own place, so neither stale blocks nor an entry
/// whose data looks like a log can be taken for records.
#pragma once

#include "raft/core/entry.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace atomix::raft {

/// On disk: only add.
enum class record_type : std::uint8_t { entry = 1, state = 2 };

inline constexpr std::size_t record_header_bytes = 48;
inline constexpr std::size_t record_align = 8;

/// What the header of a record says. An entry's data stays where it is.
struct record_header {
  record_type type = record_type::entry;
  entry_kind kind = entry_kind::command;
  bool last_of_batch = false;  ///< the batch (one append, one sync) is complete with this record
  std::uint32_t data_bytes = 0;
  std::uint32_t data_crc = 0;
  std::uint64_t batch = 0;  ///< counted from 1, without gaps: a later one proves this was synced
  std::uint64_t index_or_vote = 0;
  term_t term;
  log_time time;

  [[nodiscard]] hard_state state() const { return {term, node_id{index_or_vote}}; }
  [[nodiscard]] entry_id id() const { return {term, index_t{index_or_vote}}; }
};

/// Bytes that `data_bytes` of data take with padding.
[[nodiscard]] constexpr std::size_t padded(std::size_t data_bytes) {
  return (data_bytes + record_align - 1) / record_align * record_align;
}
[[nodiscard]] constexpr std::size_t record_bytes(std::size_t data_bytes) {
  return record_header_bytes + padded(data_bytes);
}

/// What checksums of one segment start from.
[[nodiscard]] std::uint32_t segment_salt(std::string_view uuid, std::uint64_t sequence);

/// Appends a record that will stand at `offset` of its segment. `header.data_bytes` and `data_crc`
/// are filled in here. Cost: one pass over `data`.
void encode_record(
    std::string& out,
    record_header header,
    std::string_view data,
    std::uint32_t salt,
    std::uint64_t offset);

/// Marks the record whose header starts at `header` in place as the last of its batch.
void mark_last_of_batch(char* header, std::uint32_t salt, std::uint64_t offset);

/// True if a header stands at the start of `bytes`, which start at `offset` of the segment.
[[nodiscard]] bool decode_header(
    std::string_view bytes, std::uint32_t salt, std::uint64_t offset, record_header& out);

/// True if `padded_data` is what the header vouches for.
[[nodiscard]] bool data_intact(
    const record_header& header,
    std::string_view padded_data,
    std::uint32_t salt,
    std::uint64_t offset);

}  // namespace atomix::raft
