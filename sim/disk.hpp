// SPDX-License-Identifier: Apache-2.0
/// \file The disk of one simulated machine, with the page cache in front of it. It outlives the
/// processes that use it, and forgets in a power cut what was not synced.
#pragma once

#include "raft/base/prng.hpp"
#include "raft/storage/file_system.hpp"

#include <absl/status/status.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace atomix::sim {

/// What was done and what became of it, since the disk was made.
struct disk_counts {
  std::uint64_t writes = 0;
  std::uint64_t bytes = 0;  ///< written
  std::uint64_t syncs = 0;
  std::uint64_t failed_writes = 0;
  std::uint64_t failed_syncs = 0;
  std::uint64_t pages_lost = 0;  ///< in power cuts; they hold again what was synced
  std::uint64_t pages_torn = 0;  ///< in power cuts; they hold some of each
  std::uint64_t cut_off = 0;  ///< operations under way when the process ended that never happened
  std::uint64_t reads_refused = 0;
};

/// A file system in memory. Owned by the simulator's one thread.
///
/// Model: writes go to the cache, in order. What a process does between two `complete_syncs` is
/// work in flight: `crash` cuts it at a random point. Syncs before the cut took effect; what was
/// written before the cut without a sync behind it is kept, lost or torn page by page, at 512-byte
/// borders; what comes after the cut never happened. After a failed sync the pages it concerned
/// look clean: no later sync makes them durable unless they are written again. Directories
/// themselves are durable at once; names in them only after `sync_directory`.
class disk final : public raft::file_system {
 public:
  explicit disk(prng chance);
  ~disk() override;

  /// Everything that was synced up to now is durable: the virtual time of those jobs has passed.
  void complete_syncs();
  /// Power cut. Open files and locks of the process die: every later call on them is refused and
  /// changes nothing. The next process finds what the media hold.
  void crash();
  /// The process dies, the kernel lives: all that was written stays readable, open files and locks
  /// die. What was not synced is still lost in a later `crash`.
  void kill();

  /// Lets `after` syncs (of files or directories) pass, then fails one with `error`.
  void fail_next_sync(absl::Status error, std::size_t after = 0);
  /// Lets `after` writes pass, then fails one with `error`; a random part of it may be written.
  void fail_next_write(absl::Status error, std::size_t after = 0);
  /// Files together may take `limit` bytes; writes beyond get resource_exhausted.
  void space_bytes(std::uint64_t limit) { space_bytes_ = limit; }
  [[nodiscard]] std::uint64_t used_bytes() const;
  /// A disk that holds what these media hold for certain, whatever happens: all that was synced.
  [[nodiscard]] std::unique_ptr<disk> copy_of_media() const;
  /// What the media hold there. Requires: the file's name is durable.
  [[nodiscard]] std::string media_of(
      const std::string& path, std::uint64_t offset, std::size_t size) const;
  /// Bytes turn into others by themselves, on the media and in the cache. Requires: the file's name
  /// is durable, and nobody is writing these bytes.
  void overwrite(const std::string& path, std::uint64_t offset, std::string_view bytes);
  /// The sector there cannot be read any more, until `find_sectors`. A copy of the media can.
  void lose_sector(const std::string& path, std::uint64_t offset) { lost_.insert({path, offset}); }
  void find_sectors() { lost_.clear(); }
  /// Faults that were due but have not come do not come any more; there is room again.
  void forget_faults();
  [[nodiscard]] const disk_counts& counts() const { return counts_; }

  absl::StatusOr<std::unique_ptr<raft::file>> open(
      const std::string& path, raft::open_mode mode) override;
  absl::Status rename(const std::string& from, const std::string& to) override;
  absl::Status remove(const std::string& path) override;
  absl::StatusOr<std::vector<std::string>> list(const std::string& directory) override;
  absl::Status make_directory(const std::string& directory) override;
  absl::Status sync_directory(const std::string& directory) override;
  absl::StatusOr<std::unique_ptr<raft::directory_lock>> lock(const std::string& directory) override;

 private:
  struct inode;
  struct operation;
  class open_file;
  class held_lock;
  using inode_ref = std::shared_ptr<inode>;
  using names = std::map<std::string, inode_ref>;

  /// A fault that is due after some calls.
  struct planned_fault {
    absl::Status error;
    std::size_t after = 0;
    /// The error if this call is the one to fail.
    [[nodiscard]] absl::Status due();
  };

  absl::StatusOr<std::string> read(
      const inode_ref& source, const std::string& path, std::uint64_t offset, std::size_t size);
  absl::Status write(const inode_ref& target, std::uint64_t offset, std::string_view data);
  absl::Status sync(const inode_ref& target);
  void note(operation done);
  void carry_out(std::size_t count, bool all_of_it);
  void settle_files(const std::vector<inode_ref>& touched, bool all_of_it);
  void settle_names(const std::string& directory);
  void lose_unsynced();
  void tear(inode& file);
  void end_process();
  static void apply(names& in, const operation& change);

  prng chance_;
  disk_counts counts_;
  std::uint64_t life_ = 0;  // which process may use its files
  std::uint64_t space_bytes_ = ~std::uint64_t{0};
  planned_fault sync_fault_;
  planned_fault write_fault_;
  std::set<std::pair<std::string, std::uint64_t>> lost_;  // sectors: file and offset
  std::set<std::string> directories_;
  std::set<std::string> locks_;
  names cached_;                           // as processes see it
  names durable_;                          // as the media hold it
  std::vector<operation> in_flight_;       // since `complete_syncs`
  std::vector<operation> unsynced_names_;  // older ones, not durable yet
};

}  // namespace atomix::sim
