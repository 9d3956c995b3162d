// SPDX-License-Identifier: Apache-2.0
#include "raft/storage/segment.hpp"

#include "raft/base/check.hpp"
#include "raft/base/crc32c.hpp"
#include "raft/storage/little_endian.hpp"

#include <absl/strings/str_cat.h>
#include <absl/strings/str_format.h>

#include <algorithm>
#include <charconv>

namespace atomix::raft {
namespace {

constexpr std::string_view magic = "ATOMIXWL";
constexpr std::string_view suffix = ".log";
constexpr std::size_t digits = 16;
constexpr std::size_t uuid_bytes = 36;
constexpr std::uint64_t chunk_bytes = 1U << 20U;

constexpr std::size_t at_version = 8;
constexpr std::size_t at_sequence = 16;
constexpr std::size_t at_uuid = 24;
constexpr std::size_t at_first_batch = 64;
constexpr std::size_t at_first_index = 72;
constexpr std::size_t at_term = 80;
constexpr std::size_t at_vote = 88;
constexpr std::size_t at_crc = 124;

std::string_view zeros() {
  static const std::string chunk(chunk_bytes, '\0');
  return chunk;
}

}  // namespace

std::string segment_name(std::uint64_t sequence) {
  return absl::StrFormat("%016d.log", sequence);
}

std::optional<std::uint64_t> sequence_of(std::string_view name) {
  if (name.size() != digits + suffix.size() || name.substr(digits) != suffix) return std::nullopt;
  std::uint64_t sequence = 0;
  const auto parsed = std::from_chars(name.data(), name.data() + digits, sequence);
  if (parsed.ec != std::errc{} || parsed.ptr != name.data() + digits) return std::nullopt;
  return sequence;
}

void encode_segment_header(std::string& out, const segment_header& header) {
  ATOMIX_CHECK(header.uuid.size() == uuid_bytes, "a data directory's UUID has 36 characters");
  const std::size_t start = out.size();
  out.resize(start + segment_header_bytes, '\0');
  char* at = out.data() + start;
  std::copy(magic.begin(), magic.end(), at);
  put(at + at_version, header.version);
  put(at + at_sequence, header.sequence);
  std::copy(header.uuid.begin(), header.uuid.end(), at + at_uuid);
  put(at + at_first_batch, header.first_batch);
  put(at + at_first_index, header.first_index.value());
  put(at + at_term, header.state.term.value());
  put(at + at_vote, header.state.vote.value());
  put(at + at_crc, crc32c({at, at_crc}));
}

std::optional<segment_header> decode_segment_header(std::string_view bytes) {
  if (bytes.size() < segment_header_bytes || !bytes.starts_with(magic)) return std::nullopt;
  const char* at = bytes.data();
  if (get<std::uint32_t>(at + at_crc) != crc32c(bytes.substr(0, at_crc))) return std::nullopt;
  segment_header header;
  header.version = get<std::uint32_t>(at + at_version);
  header.sequence = get<std::uint64_t>(at + at_sequence);
  header.uuid = std::string(bytes.substr(at_uuid, uuid_bytes));
  header.first_batch = get<std::uint64_t>(at + at_first_batch);
  header.first_index = index_t{get<std::uint64_t>(at + at_first_index)};
  header.state.term = term_t{get<std::uint64_t>(at + at_term)};
  header.state.vote = node_id{get<std::uint64_t>(at + at_vote)};
  return header;
}

absl::Status segment_file::fill(std::uint64_t end, bool durable) {
  std::uint64_t written = filled;
  if (written >= end) return absl::OkStatus();
  while (written < end) {
    const std::uint64_t size = std::min(chunk_bytes, end - written);
    auto status = filler->write(written, zeros().substr(0, static_cast<std::size_t>(size)));
    if (!status.ok()) return status;
    written += size;
  }
  if (durable) {
    if (auto status = filler->sync(); !status.ok()) return status;
  }
  filled = written;
  return absl::OkStatus();
}

absl::StatusOr<std::shared_ptr<segment_file>> open_segment(
    file_system& files, const std::string& directory, std::uint64_t sequence) {
  auto segment = std::make_shared<segment_file>();
  segment->sequence = sequence;
  segment->path = absl::StrCat(directory, "/", segment_name(sequence));
  auto data = files.open(segment->path, open_mode::existing);
  if (!data.ok()) return data.status();
  auto filler = files.open(segment->path, open_mode::existing);
  if (!filler.ok()) return filler.status();
  auto size = (*data)->size();
  if (!size.ok()) return size.status();
  segment->data = *std::move(data);
  segment->filler = *std::move(filler);
  segment->filled = *size;
  return segment;
}

absl::StatusOr<std::shared_ptr<segment_file>> create_segment(
    file_system& files,
    const std::string& directory,
    std::uint64_t sequence,
    std::uint64_t filled,
    bool durable) {
  const std::string path = absl::StrCat(directory, "/", segment_name(sequence));
  {
    auto created = files.open(path, open_mode::create);
    if (!created.ok()) return created.status();
  }
  const auto make = [&]() -> absl::StatusOr<std::shared_ptr<segment_file>> {
    auto segment = open_segment(files, directory, sequence);
    if (!segment.ok()) return segment.status();
    if (auto status = (*segment)->fill(filled, durable); !status.ok()) return status;
    if (!durable) return segment;
    if (auto status = files.sync_directory(directory); !status.ok()) return status;
    return segment;
  };
  auto segment = make();
  // Nothing was written but zeros; an attempt that fails leaves a file that recovery knows.
  if (!segment.ok()) (void)files.remove(path);
  return segment;
}

}  // namespace atomix::raft
