// SPDX-License-Identifier: Apache-2.0
#include "sim/disk.hpp"

#include "sim/disk_operation.hpp"

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <utility>

namespace atomix::sim {
namespace {

std::string parent_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? std::string() : path.substr(0, slash);
}

}  // namespace

class disk::open_file final : public raft::file {
 public:
  open_file(disk& owner, inode_ref target, std::string path)
      : owner_(owner), target_(std::move(target)), path_(std::move(path)), life_(owner.life_) {}

  absl::Status write(std::uint64_t offset, std::string_view data) override {
    return alive() ? owner_.write(target_, offset, data) : dead();
  }
  absl::StatusOr<std::string> read(std::uint64_t offset, std::size_t size) override {
    if (!alive()) return dead();
    return owner_.read(target_, path_, offset, size);
  }
  absl::Status sync() override { return alive() ? owner_.sync(target_) : dead(); }
  absl::Status truncate(std::uint64_t size) override {
    if (!alive()) return dead();
    target_->cache.truncate(size);
    owner_.note({.kind = operation_kind::truncate, .target = target_, .offset = size});
    return absl::OkStatus();
  }
  absl::StatusOr<std::uint64_t> size() override {
    if (!alive()) return dead();
    return target_->cache.size();
  }

 private:
  [[nodiscard]] bool alive() const { return life_ == owner_.life_; }
  [[nodiscard]] absl::Status dead() const {
    return absl::AbortedError(absl::StrCat("The process that opened ", path_, " is dead."));
  }

  disk& owner_;
  inode_ref target_;
  std::string path_;
  std::uint64_t life_;
};

class disk::held_lock final : public raft::directory_lock {
 public:
  held_lock(disk& owner, std::string directory)
      : owner_(owner), directory_(std::move(directory)), life_(owner.life_) {}
  ~held_lock() override {
    if (life_ == owner_.life_) owner_.locks_.erase(directory_);
  }

 private:
  disk& owner_;
  std::string directory_;
  std::uint64_t life_;
};

disk::disk(prng chance) : chance_(chance) {}
disk::~disk() = default;

absl::Status disk::planned_fault::due() {
  if (error.ok()) return absl::OkStatus();
  if (after > 0) {
    --after;
    return absl::OkStatus();
  }
  return std::exchange(error, absl::OkStatus());
}

void disk::fail_next_sync(absl::Status error, std::size_t after) {
  sync_fault_ = {std::move(error), after};
}

void disk::fail_next_write(absl::Status error, std::size_t after) {
  write_fault_ = {std::move(error), after};
}

void disk::forget_faults() {
  sync_fault_ = {};
  write_fault_ = {};
  space_bytes_ = ~std::uint64_t{0};
}

std::uint64_t disk::used_bytes() const {
  std::uint64_t sum = 0;
  for (const auto& [path, file] : cached_)
    sum += file->cache.size();
  return sum;
}

std::unique_ptr<disk> disk::copy_of_media() const {
  auto copy = std::make_unique<disk>(prng{0});
  copy->directories_ = directories_;
  for (const auto& [path, file] : durable_) {
    auto same = std::make_shared<inode>();
    same->cache = same->media = file->media;  // shares the pages
    copy->durable_[path] = copy->cached_[path] = std::move(same);
  }
  return copy;
}

std::string disk::media_of(const std::string& path, std::uint64_t offset, std::size_t size) const {
  return durable_.at(path)->media.read(offset, size);
}

void disk::overwrite(const std::string& path, std::uint64_t offset, std::string_view bytes) {
  inode& file = *durable_.at(path);
  file.media.write(offset, bytes);
  file.cache.write(offset, bytes);
  if (!file.unsynced.empty()) file.settled.write(offset, bytes);
}

absl::StatusOr<std::string> disk::read(
    const inode_ref& source, const std::string& path, std::uint64_t offset, std::size_t size) {
  for (const auto& [file, begin] : lost_) {
    if (file != path || begin >= offset + size || offset >= begin + pages::sector_bytes) continue;
    ++counts_.reads_refused;
    return absl::InternalError(absl::StrCat("The device cannot read ", path, " at ", begin, "."));
  }
  return source->cache.read(offset, size);
}

void disk::note(operation done) {
  in_flight_.push_back(std::move(done));
}

absl::Status disk::write(const inode_ref& target, std::uint64_t offset, std::string_view data) {
  absl::Status error = write_fault_.due();
  if (!error.ok()) {
    data = data.substr(0, static_cast<std::size_t>(chance_.below(data.size() + 1)));
  } else if (const std::uint64_t size = target->cache.size(); offset + data.size() > size) {
    const std::uint64_t used = used_bytes();
    const std::uint64_t room = size + (space_bytes_ > used ? space_bytes_ - used : 0);
    if (offset + data.size() > room) {
      data = data.substr(0, static_cast<std::size_t>(room > offset ? room - offset : 0));
      error = absl::ResourceExhaustedError(
          "The simulated disk is full. Free some space, then start again.");
    }
  }
  ++(error.ok() ? counts_.writes : counts_.failed_writes);
  counts_.bytes += data.size();
  if (!data.empty()) {
    target->cache.write(offset, data);
    note(
        {.kind = operation_kind::write,
         .target = target,
         .offset = offset,
         .data = std::string(data)});
  }
  return error;
}

absl::Status disk::sync(const inode_ref& target) {
  absl::Status error = sync_fault_.due();
  ++(error.ok() ? counts_.syncs : counts_.failed_syncs);
  note({.kind = error.ok() ? operation_kind::sync : operation_kind::failed_sync, .target = target});
  return error;
}

absl::StatusOr<std::unique_ptr<raft::file>> disk::open(
    const std::string& path, raft::open_mode mode) {
  const auto found = cached_.find(path);
  if (mode == raft::open_mode::existing) {
    if (found == cached_.end()) return absl::NotFoundError(absl::StrCat("No file ", path, "."));
    return std::make_unique<open_file>(*this, found->second, path);
  }
  if (found != cached_.end()) {
    return absl::AlreadyExistsError(absl::StrCat("There is a file ", path, " already."));
  }
  if (!directories_.contains(parent_of(path))) {
    return absl::NotFoundError(absl::StrCat("No directory for ", path, "."));
  }
  auto created = std::make_shared<inode>();
  cached_[path] = created;
  note({.kind = operation_kind::create, .target = created, .path = path});
  return std::make_unique<open_file>(*this, std::move(created), path);
}

absl::Status disk::rename(const std::string& from, const std::string& to) {
  const auto found = cached_.find(from);
  if (found == cached_.end()) return absl::NotFoundError(absl::StrCat("No file ", from, "."));
  note({.kind = operation_kind::rename, .target = found->second, .path = from, .to = to});
  apply(cached_, in_flight_.back());
  return absl::OkStatus();
}

absl::Status disk::remove(const std::string& path) {
  const auto found = cached_.find(path);
  if (found == cached_.end()) return absl::NotFoundError(absl::StrCat("No file ", path, "."));
  note({.kind = operation_kind::remove, .target = found->second, .path = path});
  apply(cached_, in_flight_.back());
  return absl::OkStatus();
}

absl::StatusOr<std::vector<std::string>> disk::list(const std::string& directory) {
  if (!directories_.contains(directory)) {
    return absl::NotFoundError(absl::StrCat("No directory ", directory, "."));
  }
  std::vector<std::string> found;
  for (const auto& [path, file] : cached_) {
    if (parent_of(path) == directory) found.push_back(path.substr(directory.size() + 1));
  }
  for (const std::string& path : directories_) {
    if (path != directory && parent_of(path) == directory) {
      found.push_back(path.substr(directory.size() + 1));
    }
  }
  std::sort(found.begin(), found.end());
  return found;
}

absl::Status disk::make_directory(const std::string& directory) {
  std::size_t slash = directory.find('/', 1);
  for (; slash != std::string::npos; slash = directory.find('/', slash + 1)) {
    directories_.insert(directory.substr(0, slash));
  }
  directories_.insert(directory);
  return absl::OkStatus();
}

absl::Status disk::sync_directory(const std::string& directory) {
  absl::Status error = sync_fault_.due();
  ++(error.ok() ? counts_.syncs : counts_.failed_syncs);
  if (!error.ok()) return error;
  note({.kind = operation_kind::sync_directory, .path = directory});
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<raft::directory_lock>> disk::lock(const std::string& directory) {
  if (!locks_.insert(directory).second) {
    return absl::FailedPreconditionError(
        absl::StrCat("The data directory is in use: ", directory, " is locked."));
  }
  return std::make_unique<held_lock>(*this, directory);
}

void disk::complete_syncs() {
  carry_out(in_flight_.size(), true);
}

void disk::crash() {
  const auto happened = static_cast<std::size_t>(chance_.below(in_flight_.size() + 1));
  counts_.cut_off += in_flight_.size() - happened;
  carry_out(happened, false);
  lose_unsynced();
  end_process();
}

void disk::kill() {
  // The sync that the process died in is not known to have ended.
  std::size_t count = in_flight_.size();
  while (count > 0 && is_sync(in_flight_[count - 1].kind))
    --count;
  counts_.cut_off += in_flight_.size() - count;
  carry_out(count, false);
  end_process();
}

void disk::end_process() {
  ++life_;
  locks_.clear();
}

}  // namespace atomix::sim
