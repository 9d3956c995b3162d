// SPDX-License-Identifier: Apache-2.0
// From a directory to an open log: checks whose it is, sets up a new one, recovers an old one.
#include "raft/base/check.hpp"
#include "raft/storage/identity.hpp"
#include "raft/storage/log.hpp"
#include "raft/storage/recovery.hpp"
#include "raft/storage/segment.hpp"
#include "raft/storage/segmented_log.hpp"

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <utility>

namespace atomix::raft {
namespace {

constexpr std::uint64_t segment_bytes_min = 4U << 10U;
constexpr std::uint64_t segment_bytes_max = 1U << 30U;
constexpr std::size_t uuid_bytes = 36;

absl::Status check_options(const log_options& o) {
  if (o.directory.empty()) return absl::InvalidArgumentError("The data directory has no name.");
  if (o.segment_bytes < segment_bytes_min || o.segment_bytes > segment_bytes_max) {
    return absl::InvalidArgumentError(
        absl::StrCat("A log segment of ", o.segment_bytes, " bytes is outside [4 KiB, 1 GiB]."));
  }
  for (const std::string* name : {&o.cluster, &o.node}) {
    if (name->find('\n') == std::string::npos) continue;
    return absl::InvalidArgumentError("A cluster's or member's name cannot contain a line break.");
  }
  return absl::OkStatus();
}

absl::Status check_owner(const log_options& o, const identity& id) {
  if (id.cluster != o.cluster) {
    return absl::FailedPreconditionError(absl::StrCat(
        o.directory,
        " belongs to cluster \"",
        id.cluster,
        "\", not to \"",
        o.cluster,
        "\". Name the right data directory, or the right cluster."));
  }
  if (id.node == o.node) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(
      o.directory,
      " belongs to member \"",
      id.node,
      "\", not to \"",
      o.node,
      "\". Name the right data directory: a member that takes over another's log could vote "
      "twice."));
}

/// Segments without an identity are what an interrupted set-up leaves: zeros. Anything else is not
/// ours to delete.
absl::Status remove_unused(file_system& files, const std::string& directory, std::uint64_t last) {
  for (std::uint64_t sequence = last; sequence >= 1; --sequence) {
    const std::string path = absl::StrCat(directory, "/", segment_name(sequence));
    auto opened = files.open(path, open_mode::existing);
    if (!opened.ok()) return opened.status();
    auto head = (*opened)->read(0, segment_header_bytes);
    if (!head.ok()) return head.status();
    if (head->find_first_not_of('\0') != std::string::npos) {
      return damaged(absl::StrCat(
          path,
          " holds records, but the file that says whose they are, ",
          directory,
          "/identity, is missing."));
    }
    if (auto status = files.remove(path); !status.ok()) return status;
  }
  return absl::OkStatus();
}

/// A new directory: the first segment, then the identity, which says that all is there.
absl::StatusOr<identity> set_up(file_system& files, const log_options& o, std::uint64_t last_file) {
  if (o.fresh_uuid.size() != uuid_bytes) {
    return absl::InvalidArgumentError("A new data directory needs a UUID of 36 characters.");
  }
  const bool durable = o.level == durability::disk;
  if (auto s = remove_unused(files, o.directory, last_file); !s.ok()) return s;
  auto first = create_segment(files, o.directory, 1, fill_ahead_bytes(o.segment_bytes), durable);
  if (!first.ok()) return first.status();
  identity id{o.cluster, o.node, o.fresh_uuid};
  if (auto s = write_identity(files, o.directory, id, durable); !s.ok()) return s;
  return id;
}

struct claimed {
  identity owner;
  std::uint64_t last_file = 0;
};

/// Whose directory it is and which segments it has; sets up a new one.
absl::StatusOr<claimed> claim(file_system& files, const log_options& o) {
  auto names = files.list(o.directory);
  if (!names.ok()) return names.status();
  auto last_file = last_segment(o.directory, *names);
  if (!last_file.ok()) return last_file.status();
  auto known = read_identity(files, o.directory);
  if (!known.ok()) return known.status();
  if (!known->has_value()) {
    auto fresh = set_up(files, o, *last_file);
    if (!fresh.ok()) return fresh.status();
    return claimed{*std::move(fresh), 1};
  }
  if (auto status = check_owner(o, **known); !status.ok()) return status;
  if (*last_file == 0) {
    return damaged(absl::StrCat(o.directory, "/", segment_name(1), " is missing."));
  }
  return claimed{**std::move(known), *last_file};
}

void describe_repairs(
    const std::string& directory, const scanned_log& scanned, std::vector<std::string>& notes) {
  for (const byte_range& torn : scanned.torn) {
    notes.push_back(absl::StrCat(
        directory,
        "/",
        segment_name(torn.sequence),
        ": cut ",
        torn.end - torn.begin,
        " bytes at offset ",
        torn.begin,
        ", left by a write that was interrupted before anything was promised."));
  }
}

}  // namespace

absl::StatusOr<std::unique_ptr<log>> log::open(
    file_system& files, const log_options& options, opened_log& found) {
  if (auto s = check_options(options); !s.ok()) return s;
  if (auto s = files.make_directory(options.directory); !s.ok()) return s;
  auto lock = files.lock(options.directory);
  if (!lock.ok()) return lock.status();
  auto directory = claim(files, options);
  if (!directory.ok()) return directory.status();

  const bool durable = options.level == durability::disk;
  const std::string& uuid = directory->owner.uuid;
  auto scanned = scan_log(files, options.directory, uuid, directory->last_file);
  if (!scanned.ok()) return scanned.status();
  if (auto s = settle_log(files, options.directory, *scanned, durable); !s.ok()) return s;

  segmented_log::parts parts;
  auto current = open_segment(files, options.directory, scanned->current);
  if (!current.ok()) return current.status();
  parts.current = *std::move(current);
  if (scanned->last_file > scanned->current) {
    auto prepared = open_segment(files, options.directory, scanned->last_file);
    if (!prepared.ok()) return prepared.status();
    parts.prepared = *std::move(prepared);
  }
  found.uuid = uuid;
  found.notes.clear();
  describe_repairs(options.directory, *scanned, found.notes);
  found.recovered = std::move(scanned->recovered);
  parts.lock = *std::move(lock);
  parts.uuid = uuid;
  parts.scanned = *std::move(scanned);
  // The hard state is needed for headers of segments to come as well.
  parts.scanned.recovered.state = found.recovered.state;
  return std::make_unique<segmented_log>(files, options, std::move(parts));
}

absl::StatusOr<std::string> verify_log(file_system& files, const std::string& directory) {
  auto names = files.list(directory);
  if (!names.ok()) return names.status();
  auto last_file = last_segment(directory, *names);
  if (!last_file.ok()) return last_file.status();
  auto id = read_identity(files, directory);
  if (!id.ok()) return id.status();
  if (!id->has_value()) {
    return absl::NotFoundError(absl::StrCat(
        directory, " holds no log: the file identity is missing. Name a member's data directory."));
  }
  if (*last_file == 0)
    return damaged(absl::StrCat(directory, "/", segment_name(1), " is missing."));
  auto scanned = scan_log(files, directory, (*id)->uuid, *last_file);
  if (!scanned.ok()) return scanned.status();
  if (!scanned->torn.empty()) {
    const byte_range& torn = scanned->torn.front();
    return absl::DataLossError(absl::StrCat(
        directory,
        "/",
        segment_name(torn.sequence),
        " at offset ",
        torn.begin,
        ": the last write is incomplete. If the member was stopped by a power cut this is normal, "
        "and it repairs itself when the member starts."));
  }
  const recovered_state& r = scanned->recovered;
  return absl::StrCat(
      "The log is intact: cluster ",
      (*id)->cluster,
      ", member ",
      (*id)->node,
      ", ",
      r.entries.size(),
      " entries in ",
      scanned->current,
      " segments, last term ",
      r.entries.empty() ? 0 : r.entries.back().id.term.value(),
      ", current term ",
      r.state.term.value(),
      ", vote ",
      r.state.vote.is_none() ? std::string("none") : absl::StrCat(r.state.vote.value()),
      ".");
}

}  // namespace atomix::raft
