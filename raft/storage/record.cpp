// SPDX-License-Identifier: Apache-2.0
#include "raft/storage/record.hpp"

#include "raft/base/check.hpp"
#include "raft/base/crc32c.hpp"
#include "raft/storage/little_endian.hpp"

#include <limits>

namespace atomix::raft {
namespace {

constexpr std::uint16_t flag_last = 1;

// Where the fields stand.
constexpr std::size_t at_crc = 0;
constexpr std::size_t at_size = 4;
constexpr std::size_t at_batch = 8;
constexpr std::size_t at_type = 16;
constexpr std::size_t at_kind = 17;
constexpr std::size_t at_flags = 18;
constexpr std::size_t at_data_crc = 20;
constexpr std::size_t at_index = 24;
constexpr std::size_t at_term = 32;
constexpr std::size_t at_time = 40;

/// Offsets are multiples of 8: nothing is lost by the shift below 32 GiB.
std::uint32_t place(std::uint32_t salt, std::uint64_t offset) {
  return salt ^ static_cast<std::uint32_t>(offset / record_align);
}

std::uint32_t crc_of_header(const char* header, std::uint32_t salt, std::uint64_t offset) {
  return crc32c({header + at_size, record_header_bytes - at_size}, place(salt, offset));
}

}  // namespace

std::uint32_t segment_salt(std::string_view uuid, std::uint64_t sequence) {
  char number[8];
  put(number, sequence);
  return crc32c({number, sizeof number}, crc32c(uuid));
}

void encode_record(
    std::string& out,
    record_header header,
    std::string_view data,
    std::uint32_t salt,
    std::uint64_t offset) {
  ATOMIX_CHECK(
      data.size() <= std::numeric_limits<std::uint32_t>::max() - record_align,
      "the data of an entry fit into 4 GiB");
  const std::size_t start = out.size();
  out.resize(start + record_header_bytes);
  out.append(data);
  out.resize(start + record_bytes(data.size()), '\0');
  char* at = out.data() + start;
  const std::string_view body{at + record_header_bytes, padded(data.size())};
  put(at + at_size, static_cast<std::uint32_t>(data.size()));
  put(at + at_batch, header.batch);
  put(at + at_type, static_cast<std::uint8_t>(header.type));
  put(at + at_kind, static_cast<std::uint8_t>(header.kind));
  put(at + at_flags, header.last_of_batch ? flag_last : std::uint16_t{0});
  put(at + at_data_crc, crc32c(body, place(salt, offset)));
  put(at + at_index, header.index_or_vote);
  put(at + at_term, header.term.value());
  put(at + at_time, header.time.value());
  put(at + at_crc, crc_of_header(at, salt, offset));
}

void mark_last_of_batch(char* header, std::uint32_t salt, std::uint64_t offset) {
  put(header + at_flags, flag_last);
  put(header + at_crc, crc_of_header(header, salt, offset));
}

bool decode_header(
    std::string_view bytes, std::uint32_t salt, std::uint64_t offset, record_header& out) {
  if (bytes.size() < record_header_bytes) return false;
  const char* at = bytes.data();
  const auto type = get<std::uint8_t>(at + at_type);
  const bool known = type == static_cast<std::uint8_t>(record_type::entry)
                     || type == static_cast<std::uint8_t>(record_type::state);
  if (!known) return false;  // cheap, and true for zeros
  if (get<std::uint32_t>(at + at_crc) != crc_of_header(at, salt, offset)) return false;
  out.type = static_cast<record_type>(type);
  out.kind = static_cast<entry_kind>(get<std::uint8_t>(at + at_kind));
  out.last_of_batch = (get<std::uint16_t>(at + at_flags) & flag_last) != 0;
  out.data_bytes = get<std::uint32_t>(at + at_size);
  out.data_crc = get<std::uint32_t>(at + at_data_crc);
  out.batch = get<std::uint64_t>(at + at_batch);
  out.index_or_vote = get<std::uint64_t>(at + at_index);
  out.term = term_t{get<std::uint64_t>(at + at_term)};
  out.time = log_time{get<std::uint64_t>(at + at_time)};
  return true;
}

bool data_intact(
    const record_header& header,
    std::string_view padded_data,
    std::uint32_t salt,
    std::uint64_t offset) {
  return padded_data.size() == padded(header.data_bytes)
         && crc32c(padded_data, place(salt, offset)) == header.data_crc;
}

}  // namespace atomix::raft
