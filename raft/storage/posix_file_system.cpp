// SPDX-License-Identifier: Apache-2.0
#include "raft/storage/posix_file_system.hpp"

#include <absl/strings/str_cat.h>
#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <string>
#include <system_error>
#include <utility>

namespace atomix::raft {
namespace {

/// What happened to which path, why, and what the operator can do about it.
absl::Status failure(absl::string_view verb, const std::string& path, int error) {
  const std::string what =
      absl::StrCat("Cannot ", verb, " ", path, ": ", std::generic_category().message(error), ".");
  switch (error) {
    case ENOENT:
      return absl::NotFoundError(what);
    case EEXIST:
      return absl::AlreadyExistsError(what);
    case EACCES:
    case EPERM:
    case EROFS:
      return absl::PermissionDeniedError(
          absl::StrCat(what, " Give this user the right to read and write there."));
    case ENOSPC:
    case EDQUOT:
      return absl::ResourceExhaustedError(
          absl::StrCat(what, " Free some space or raise the quota, then start again."));
    case EMFILE:
    case ENFILE:
      return absl::ResourceExhaustedError(
          absl::StrCat(what, " Raise the limit of open files (ulimit -n)."));
    default:
      return absl::UnavailableError(
          absl::StrCat(what, " Look for disk errors in the system's log, then start again."));
  }
}

/// A descriptor that closes itself.
class descriptor {
 public:
  explicit descriptor(int fd) : fd_(fd) {}
  descriptor(descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  descriptor& operator=(descriptor&&) = delete;
  descriptor(const descriptor&) = delete;
  descriptor& operator=(const descriptor&) = delete;
  ~descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  [[nodiscard]] int get() const { return fd_; }
  [[nodiscard]] bool valid() const { return fd_ >= 0; }

 private:
  int fd_;
};

descriptor open_descriptor(const std::string& path, int flags) {
  int fd = -1;
  do {
    fd = ::open(path.c_str(), flags | O_CLOEXEC, 0640);
  } while (fd < 0 && errno == EINTR);
  return descriptor(fd);
}

absl::Status write_all(int fd, const std::string& path, std::uint64_t at, std::string_view data) {
  while (!data.empty()) {
    const ssize_t n = ::pwrite(fd, data.data(), data.size(), static_cast<off_t>(at));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return failure("write to", path, errno);
    // A regular file takes at least one byte or says why not.
    if (n == 0) return failure("write to", path, ENOSPC);
    data.remove_prefix(static_cast<std::size_t>(n));
    at += static_cast<std::uint64_t>(n);
  }
  return absl::OkStatus();
}

class posix_file final : public file {
 public:
  posix_file(descriptor fd, std::string path, std::uint64_t size)
      : fd_(std::move(fd)), path_(std::move(path)), size_(size) {}

  absl::Status write(std::uint64_t offset, std::string_view data) override {
    const std::uint64_t end = offset + data.size();
    if (end > size_) {
      // Another handle may have made the file longer: the log fills its blocks ahead like that.
      auto now = size();
      if (!now.ok()) return now.status();
      grown_ = grown_ || end > *now;
      size_ = std::max(end, *now);
    }
    return write_all(fd_.get(), path_, offset, data);
  }

  absl::StatusOr<std::string> read(std::uint64_t offset, std::size_t wanted) override {
    // What is asked for may lie far beyond the end: a buffer for that would only be thrown away.
    auto end = size();
    if (!end.ok()) return end.status();
    const std::uint64_t there = *end > offset ? *end - offset : 0;
    std::string out(static_cast<std::size_t>(std::min<std::uint64_t>(wanted, there)), '\0');
    std::size_t done = 0;
    while (done < out.size()) {
      const auto at = static_cast<off_t>(offset + done);
      const ssize_t n = ::pread(fd_.get(), out.data() + done, out.size() - done, at);
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) return failure("read", path_, errno);
      if (n == 0) break;
      done += static_cast<std::size_t>(n);
    }
    out.resize(done);
    return out;
  }

  absl::Status sync() override {
    // On blocks that exist fdatasync spares the journal of the file system; growth needs all of it.
    const int result = grown_ ? ::fsync(fd_.get()) : ::fdatasync(fd_.get());
    if (result != 0) return failure("sync", path_, errno);
    grown_ = false;
    return absl::OkStatus();
  }

  absl::Status truncate(std::uint64_t new_size) override {
    while (::ftruncate(fd_.get(), static_cast<off_t>(new_size)) != 0) {
      if (errno != EINTR) return failure("truncate", path_, errno);
    }
    size_ = new_size;
    grown_ = true;
    return absl::OkStatus();
  }

  absl::StatusOr<std::uint64_t> size() override {
    struct stat info {};
    if (::fstat(fd_.get(), &info) != 0) return failure("inspect", path_, errno);
    return static_cast<std::uint64_t>(info.st_size);
  }

 private:
  descriptor fd_;
  std::string path_;
  std::uint64_t size_;  // the largest end this handle knows of
  bool grown_ = false;  // the size may have changed since the last sync
};

class posix_lock final : public directory_lock {
 public:
  explicit posix_lock(descriptor fd) : fd_(std::move(fd)) {}

 private:
  descriptor fd_;  // closing it releases the lock
};

absl::Status locked_by_another(const std::string& path, int fd) {
  char text[32] = {};
  const ssize_t n = ::pread(fd, text, sizeof text - 1, 0);
  std::string holder(text, n > 0 ? static_cast<std::size_t>(n) : 0);
  while (!holder.empty() && holder.back() == '\n')
    holder.pop_back();
  return absl::FailedPreconditionError(absl::StrCat(
      "The data directory is in use: ",
      path,
      " is locked by ",
      holder.empty() ? "another process" : absl::StrCat("process ", holder),
      ". Stop that one first, or give this member a directory of its own."));
}

class posix final : public file_system {
 public:
  absl::StatusOr<std::unique_ptr<file>> open(const std::string& path, open_mode mode) override {
    const int extra = mode == open_mode::create ? O_CREAT | O_EXCL : 0;
    descriptor fd = open_descriptor(path, O_RDWR | extra);
    if (!fd.valid()) return failure(mode == open_mode::create ? "create" : "open", path, errno);
    struct stat info {};
    if (::fstat(fd.get(), &info) != 0) return failure("inspect", path, errno);
    const auto size = static_cast<std::uint64_t>(info.st_size);
    return std::make_unique<posix_file>(std::move(fd), path, size);
  }

  absl::Status rename(const std::string& from, const std::string& to) override {
    if (::rename(from.c_str(), to.c_str()) == 0) return absl::OkStatus();
    return failure("rename", absl::StrCat(from, " to ", to), errno);
  }

  absl::Status remove(const std::string& path) override {
    if (::unlink(path.c_str()) == 0) return absl::OkStatus();
    return failure("remove", path, errno);
  }

  absl::StatusOr<std::vector<std::string>> list(const std::string& directory) override {
    const std::unique_ptr<DIR, int (*)(DIR*)> stream(::opendir(directory.c_str()), &::closedir);
    if (stream == nullptr) return failure("list", directory, errno);
    std::vector<std::string> names;
    errno = 0;
    while (const dirent* found = ::readdir(stream.get())) {
      std::string name = static_cast<const char*>(found->d_name);
      if (name != "." && name != "..") names.push_back(std::move(name));
    }
    if (errno != 0) return failure("list", directory, errno);
    std::sort(names.begin(), names.end());
    return names;
  }

  absl::Status make_directory(const std::string& directory) override {
    for (std::size_t slash = directory.find('/', 1);; slash = directory.find('/', slash + 1)) {
      const std::string part = directory.substr(0, slash);
      if (::mkdir(part.c_str(), 0750) == 0) {
        if (auto status = sync_directory(parent_of(part)); !status.ok()) return status;
      } else if (errno != EEXIST) {
        return failure("create directory", part, errno);
      }
      if (slash == std::string::npos) break;
    }
    struct stat info {};
    if (::stat(directory.c_str(), &info) != 0) return failure("inspect", directory, errno);
    if (!S_ISDIR(info.st_mode)) return failure("use as a directory", directory, ENOTDIR);
    return absl::OkStatus();
  }

  absl::Status sync_directory(const std::string& directory) override {
    const descriptor fd = open_descriptor(directory, O_RDONLY | O_DIRECTORY);
    if (!fd.valid()) return failure("open directory", directory, errno);
    if (::fsync(fd.get()) != 0) return failure("sync directory", directory, errno);
    return absl::OkStatus();
  }

  absl::StatusOr<std::unique_ptr<directory_lock>> lock(const std::string& directory) override {
    const std::string path = directory + "/lock";
    descriptor fd = open_descriptor(path, O_RDWR | O_CREAT);
    if (!fd.valid()) return failure("create", path, errno);
    while (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
      if (errno == EINTR) continue;
      if (errno == EWOULDBLOCK) return locked_by_another(path, fd.get());
      return failure("lock", path, errno);
    }
    // Only for the reader of an error message: a full disk must not keep a member from starting.
    const std::string pid = absl::StrCat(::getpid(), "\n");
    if (::ftruncate(fd.get(), 0) == 0) (void)write_all(fd.get(), path, 0, pid);
    return std::make_unique<posix_lock>(std::move(fd));
  }

 private:
  static std::string parent_of(const std::string& path) {
    const std::size_t slash = path.rfind('/');
    if (slash == std::string::npos) return ".";
    return slash == 0 ? "/" : path.substr(0, slash);
  }
};

}  // namespace

std::unique_ptr<file_system> posix_file_system() {
  return std::make_unique<posix>();
}

}  // namespace atomix::raft
