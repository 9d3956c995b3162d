// SPDX-License-Identifier: Apache-2.0
#include "raft/storage/recovery.hpp"

#include "raft/base/planted.hpp"
#include "raft/base/probe.hpp"
#include "raft/base/zeros.hpp"
#include "raft/storage/chunk_reader.hpp"
#include "raft/storage/record.hpp"
#include "raft/storage/segment.hpp"

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <array>
#include <memory>
#include <utility>

namespace atomix::raft {
namespace {

struct placed_record {
  record_header header;
  shared_bytes data;
  std::uint64_t offset = 0;
};

class log_scanner {
 public:
  log_scanner(file_system& files, const std::string& directory, const std::string& uuid)
      : files_(files), directory_(directory), uuid_(uuid) {}

  absl::StatusOr<scanned_log> run(std::uint64_t last_file) {
    out_.last_file = last_file;
    std::uint64_t sequence = 1;
    for (; sequence <= last_file; ++sequence) {
      auto begun = scan_segment(sequence);
      if (!begun.ok()) return begun.status();
      if (!*begun) break;
      if (sequence > 1) sometimes(probe::recovery_of_segments);
    }
    // What follows the good part must not prove that more was there once.
    for (std::uint64_t rest = out_.current; rest <= last_file; ++rest) {
      const std::uint64_t from = rest == out_.current ? out_.position : 0;
      if (auto status = inspect_rest(rest, from); !status.ok()) return status;
    }
    return std::move(out_);
  }

 private:
  [[nodiscard]] std::string path_of(std::uint64_t sequence) const {
    return absl::StrCat(directory_, "/", segment_name(sequence));
  }

  /// Reads whole batches. False if the segment holds not even one.
  absl::StatusOr<bool> scan_segment(std::uint64_t sequence) {
    auto opened = files_.open(path_of(sequence), open_mode::existing);
    if (!opened.ok()) return opened.status();
    chunk_reader reader(**opened);
    auto head = reader.look_at(0, segment_header_bytes);
    if (!head.ok()) return head.status();
    const auto header = decode_segment_header(*head);
    if (!header) return false;
    if (auto status = check_header(*header, sequence); !status.ok()) {
      if (planted(bug::damage_taken_for_torn)) return false;
      return status;
    }

    const std::uint32_t salt = segment_salt(uuid_, sequence);
    std::uint64_t begin = 0;  // the segment's header is part of its first batch
    std::uint64_t offset = segment_header_bytes;
    std::vector<placed_record> batch;
    for (;;) {
      placed_record& record = batch.emplace_back();
      const auto found = read_record(reader, salt, offset, record);
      if (!found.ok()) return found.status();
      if (!*found) break;
      offset += record_bytes(record.header.data_bytes);
      if (!record.header.last_of_batch) continue;
      if (auto status = take_batch(sequence, batch); !status.ok()) return status;
      out_.last_batch = byte_range{sequence, begin, offset};
      out_.current = sequence;
      out_.position = begin = offset;
    }
    return begin != 0;
  }

  /// The record of the expected batch at `offset`; false if there is something else.
  absl::StatusOr<bool> read_record(
      chunk_reader& reader, std::uint32_t salt, std::uint64_t offset, placed_record& record) {
    auto head = reader.look_at(offset, record_header_bytes);
    if (!head.ok()) return head.status();
    record.offset = offset;
    if (!decode_header(*head, salt, offset, record.header)) return false;
    if (record.header.batch != out_.next_batch) return false;
    const std::uint64_t begin = offset + record_header_bytes;
    auto data = reader.look_at(begin, padded(record.header.data_bytes));
    if (!data.ok()) return data.status();
    if (!data_intact(record.header, *data, salt, offset)) return false;
    record.data = reader.share(begin, record.header.data_bytes);
    return true;
  }

  absl::Status check_header(const segment_header& header, std::uint64_t sequence) const {
    const std::string path = path_of(sequence);
    if (header.version != log_format_version) {
      return absl::FailedPreconditionError(absl::StrCat(
          path,
          " has format ",
          header.version,
          ", and this program reads format ",
          log_format_version,
          " only. Use the program that wrote it, or a newer one."));
    }
    if (header.sequence != sequence || header.uuid != uuid_) {
      return damaged(absl::StrCat(
          path,
          " was written as segment ",
          header.sequence,
          " of data directory ",
          header.uuid,
          ", but stands here as segment ",
          sequence,
          " of ",
          uuid_,
          "."));
    }
    const bool follows = header.first_batch == out_.next_batch
                         && header.first_index.value() == out_.index.size() + 1
                         && header.state == out_.recovered.state;
    if (follows) return absl::OkStatus();
    const std::string before =
        sequence == 1 ? path : absl::StrCat(path_of(out_.current), " at offset ", out_.position);
    return damaged(absl::StrCat(
        before,
        ": durable records are missing; ",
        path,
        " goes on with batch ",
        header.first_batch,
        " and entry ",
        header.first_index.value(),
        ", but only batches below ",
        out_.next_batch,
        " and entries up to ",
        out_.index.size(),
        " were found."));
  }

  absl::Status take_batch(std::uint64_t sequence, std::vector<placed_record>& batch) {
    for (placed_record& record : batch) {
      const record_header& h = record.header;
      if (h.type == record_type::state) {
        out_.recovered.state = h.state();
        continue;
      }
      const std::uint64_t index = h.index_or_vote;
      if (index == 0 || index > out_.index.size() + 1) {
        return damaged(absl::StrCat(
            path_of(sequence),
            " at offset ",
            record.offset,
            ": entry ",
            index,
            " does not follow entry ",
            out_.index.size(),
            "."));
      }
      auto& entries = out_.recovered.entries;
      if (index <= entries.size()) sometimes(probe::recovery_meets_replaced_entries);
      entries.resize(static_cast<std::size_t>(index - 1));
      out_.index.resize(static_cast<std::size_t>(index - 1));
      entries.push_back({h.id(), h.kind, h.time, std::move(record.data)});
      out_.index.push_back(
          {static_cast<std::uint32_t>(sequence), static_cast<std::uint32_t>(record.offset)});
    }
    batch.clear();
    ++out_.next_batch;
    return absl::OkStatus();
  }

  /// Looks at everything behind the last good batch: zeros are fine, a later batch is proof of
  /// damage, and anything else is what a power cut left of the last write.
  absl::Status inspect_rest(std::uint64_t sequence, std::uint64_t from) {
    auto opened = files_.open(path_of(sequence), open_mode::existing);
    if (!opened.ok()) return opened.status();
    const bool blind = planted(bug::damage_taken_for_torn);
    if (!blind && from == 0 && sequence != out_.current && sequence > out_.current + 1) {
      if (auto status = refuse_header(**opened, sequence); !status.ok()) return status;
    }
    const std::uint32_t salt = segment_salt(uuid_, sequence);
    std::uint64_t nonzero_end = from;
    for (std::uint64_t at = from;;) {
      // Chunks overlap so that a header across their border is seen.
      auto chunk = (*opened)->read(at, chunk_reader::chunk_bytes + record_header_bytes);
      if (!chunk.ok()) return chunk.status();
      const std::size_t used = size_without_zeros(*chunk);
      if (const auto found = later_batch(*chunk, used, salt, at); found && !blind) {
        return damaged(absl::StrCat(
            path_of(out_.current),
            " at offset ",
            out_.position,
            ": a record that had been made durable is unreadable (batch ",
            out_.next_batch,
            " is missing, but ",
            path_of(sequence),
            " holds a later one at offset ",
            *found,
            ")."));
      }
      if (used != 0) nonzero_end = at + used;
      if (chunk->size() < chunk_reader::chunk_bytes + record_header_bytes) break;
      at += chunk_reader::chunk_bytes;
    }
    if (nonzero_end > from) {
      sometimes(probe::recovery_of_torn_write);
      out_.torn.push_back({sequence, from, nonzero_end});
    }
    return absl::OkStatus();
  }

  /// The segment right behind the current one may have been begun by the torn write; no other.
  absl::Status refuse_header(file& opened, std::uint64_t sequence) {
    auto head = opened.read(0, segment_header_bytes);
    if (!head.ok()) return head.status();
    if (!decode_segment_header(*head)) return absl::OkStatus();
    return damaged(absl::StrCat(
        path_of(out_.current),
        " at offset ",
        out_.position,
        ": the log ends here, but segment ",
        sequence,
        " was begun later."));
  }

  /// Among records that begin in the first `used` bytes; a header is never all zeros.
  [[nodiscard]] std::optional<std::uint64_t> later_batch(
      std::string_view chunk, std::size_t used, std::uint32_t salt, std::uint64_t start) const {
    record_header header;
    const std::size_t end = std::min(chunk.size(), used + record_header_bytes);
    for (std::size_t at = 0; at + record_header_bytes <= end; at += record_align) {
      if (!decode_header(chunk.substr(at), salt, start + at, header)) continue;
      if (header.batch > out_.next_batch) return start + at;
    }
    return std::nullopt;
  }

  file_system& files_;
  const std::string& directory_;
  const std::string& uuid_;
  scanned_log out_;
};

absl::Status write_zeros(file& target, std::uint64_t begin, std::uint64_t end) {
  const std::string zeros(std::min<std::size_t>(chunk_reader::chunk_bytes, end - begin), '\0');
  while (begin < end) {
    const std::size_t size = std::min<std::size_t>(zeros.size(), end - begin);
    auto status = target.write(begin, std::string_view(zeros).substr(0, size));
    if (!status.ok()) return status;
    begin += size;
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status damaged(const std::string& what) {
  return absl::DataLossError(absl::StrCat(
      what,
      " Restore this member from the others: remove it from the cluster and add it again with an "
      "empty directory. Do not delete single files by hand: the member could then forget what it "
      "has promised."));
}

absl::StatusOr<std::uint64_t> last_segment(
    const std::string& directory, const std::vector<std::string>& names) {
  std::vector<std::uint64_t> found;
  for (const std::string& name : names) {
    if (const auto sequence = sequence_of(name)) found.push_back(*sequence);
  }
  std::sort(found.begin(), found.end());
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (found[i] == i + 1) continue;
    return damaged(absl::StrCat(directory, "/", segment_name(i + 1), " is missing."));
  }
  return found.size();
}

absl::StatusOr<scanned_log> scan_log(
    file_system& files,
    const std::string& directory,
    const std::string& uuid,
    std::uint64_t last_file) {
  return log_scanner(files, directory, uuid).run(last_file);
}

absl::Status settle_log(
    file_system& files, const std::string& directory, scanned_log& scanned, bool durable) {
  // In the order of the files; the first is always there, and later ones hold nothing by now.
  for (std::uint64_t sequence = scanned.current; sequence <= scanned.last_file; ++sequence) {
    auto opened =
        files.open(absl::StrCat(directory, "/", segment_name(sequence)), open_mode::existing);
    if (!opened.ok()) return opened.status();
    for (const byte_range& torn : scanned.torn) {
      if (torn.sequence != sequence) continue;
      if (auto s = write_zeros(**opened, torn.begin, torn.end); !s.ok()) return s;
    }
    if (scanned.last_batch && scanned.last_batch->sequence == sequence) {
      const byte_range& range = *scanned.last_batch;
      auto bytes = (*opened)->read(range.begin, static_cast<std::size_t>(range.end - range.begin));
      if (!bytes.ok()) return bytes.status();
      if (auto s = (*opened)->write(range.begin, *bytes); !s.ok()) return s;
    }
    if (!durable) continue;
    if (auto s = (*opened)->sync(); !s.ok()) return s;
  }
  while (scanned.last_file > scanned.current + 1) {
    const std::string path = absl::StrCat(directory, "/", segment_name(scanned.last_file));
    if (auto s = files.remove(path); !s.ok()) return s;
    --scanned.last_file;
  }
  return durable ? files.sync_directory(directory) : absl::OkStatus();
}

}  // namespace atomix::raft
