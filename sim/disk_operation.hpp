// SPDX-License-Identifier: Apache-2.0
/// \file What `sim::disk` remembers of what was done to it. Included by its sources only.
#pragma once

#include "sim/disk.hpp"
#include "sim/pages.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace atomix::sim {

enum class operation_kind : std::uint8_t {
  write,
  truncate,
  sync,
  failed_sync,
  create,
  rename,
  remove,
  sync_directory,
};

[[nodiscard]] constexpr bool is_sync(operation_kind kind) {
  return kind == operation_kind::sync || kind == operation_kind::sync_directory;
}

struct disk::operation {
  operation_kind kind = operation_kind::write;
  inode_ref target = {};
  std::uint64_t offset = 0;  // truncate: the new size
  std::string data = {};
  std::string path = {};
  std::string to = {};     // rename
  bool abandoned = false;  // a sync of it failed: it looks clean and is not
};

struct disk::inode {
  pages cache;
  pages media;
  pages settled;                    // what the cache held after `unsynced`; unused without any
  std::vector<operation> unsynced;  // in `cache` for certain, in `media` not
  std::size_t synced = 0;           // so many of them are covered by a sync
  bool touched = false;             // is in the list of those to settle
};

}  // namespace atomix::sim
