// SPDX-License-Identifier: Apache-2.0
// What becomes durable, and what a power cut leaves of the rest.
#include "sim/disk_operation.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace atomix::sim {
namespace {

std::string_view folder_of(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? std::string_view{} : path.substr(0, slash);
}

template <class Operation>
void apply_data(pages& to, const Operation& change) {
  if (change.kind == operation_kind::truncate) {
    to.truncate(change.offset);
  } else {
    to.write(change.offset, change.data);
  }
}

/// All that no earlier sync covers looks clean from now on.
template <class Inode>
void abandon_unsynced(Inode& file) {
  for (std::size_t i = file.synced; i < file.unsynced.size(); ++i)
    file.unsynced[i].abandoned = true;
}

}  // namespace

void disk::apply(names& in, const operation& change) {
  if (change.kind != operation_kind::create) in.erase(change.path);
  if (change.kind == operation_kind::create) in[change.path] = change.target;
  if (change.kind == operation_kind::rename) in[change.to] = change.target;
}

/// Lets the first `count` operations in flight take effect and forgets the rest. `all_of_it`: there
/// is no rest, so that the cache shows the state after the last one.
void disk::carry_out(std::size_t count, bool all_of_it) {
  std::vector<inode_ref> touched;
  const auto touch = [&](const inode_ref& file) {
    if (!std::exchange(file->touched, true)) touched.push_back(file);
  };
  for (std::size_t i = 0; i < count; ++i) {
    operation& done = in_flight_[i];
    inode* file = done.target.get();
    switch (done.kind) {
      case operation_kind::write:
      case operation_kind::truncate:
        touch(done.target);
        if (!all_of_it && file->unsynced.empty()) file->settled = file->media;
        if (!all_of_it) apply_data(file->settled, done);
        file->unsynced.push_back(std::move(done));
        file->unsynced.back().target = nullptr;  // its own: a circle would never be freed
        break;
      case operation_kind::sync:
        file->synced = file->unsynced.size();
        touch(done.target);
        break;
      case operation_kind::failed_sync:
        abandon_unsynced(*file);
        break;
      case operation_kind::create:
      case operation_kind::rename:
      case operation_kind::remove:
        unsynced_names_.push_back(std::move(done));
        break;
      case operation_kind::sync_directory:
        settle_names(done.path);
        break;
    }
  }
  in_flight_.clear();
  settle_files(touched, all_of_it);
}

void disk::settle_files(const std::vector<inode_ref>& touched, bool all_of_it) {
  const auto covers = [](const operation& o) {
    return !o.abandoned;
  };
  for (const inode_ref& file : touched) {
    file->touched = false;
    auto& waiting = file->unsynced;
    const auto end = waiting.begin() + static_cast<std::ptrdiff_t>(std::exchange(file->synced, 0));
    if (all_of_it && end == waiting.end() && std::all_of(waiting.begin(), end, covers)) {
      file->media = file->cache;  // shares the pages: nothing is copied
      waiting.clear();
      continue;
    }
    for (auto o = waiting.begin(); o != end; ++o) {
      if (covers(*o)) apply_data(file->media, *o);
    }
    waiting.erase(std::remove_if(waiting.begin(), end, covers), end);
    if (all_of_it) file->settled = file->cache;
  }
}

void disk::settle_names(const std::string& directory) {
  const auto inside = [&](const operation& o) {
    return folder_of(o.path) == directory;
  };
  for (const operation& o : unsynced_names_) {
    if (inside(o)) apply(durable_, o);
  }
  std::erase_if(unsynced_names_, inside);
}

void disk::lose_unsynced() {
  for (const operation& o : unsynced_names_) {
    if (chance_.chance(1, 2)) apply(durable_, o);
  }
  unsynced_names_.clear();
  cached_ = durable_;
  for (auto& [path, file] : durable_) {
    tear(*file);
    file->cache = file->media;
  }
}

/// Old, new, or torn, page by page: nothing orders what the cache writes back.
void disk::tear(inode& file) {
  if (file.unsynced.empty()) return;
  file.unsynced.clear();
  const pages wanted = std::exchange(file.settled, pages());
  pages& left = file.media;
  const std::uint64_t sizes[] = {left.size(), wanted.size()};
  const auto [least, most] = std::minmax(sizes[0], sizes[1]);
  for (std::size_t i = 0; i < std::max(left.count(), wanted.count()); ++i) {
    if (!left.may_differ(wanted, i)) continue;
    const std::uint64_t fate = chance_.below(3);  // old, new, torn
    if (fate == 0) ++counts_.pages_lost;
    if (fate == 2) ++counts_.pages_torn;
    if (fate == 0) continue;
    for (std::size_t s = 0; s < pages::page_bytes / pages::sector_bytes; ++s) {
      if (fate == 1 || chance_.chance(1, 2)) left.take_sector(wanted, i, s);
    }
  }
  const std::uint64_t size =
      chance_.chance(1, 3) ? chance_.between(least, most) : sizes[chance_.below(2)];
  left.truncate(size);
}

}  // namespace atomix::sim
