// SPDX-License-Identifier: Apache-2.0
#include "sim/report/text_sink.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace atomix::sim {

file_sink::file_sink(std::string path) : path_(std::move(path)) {
  do {
    fd_ = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  } while (fd_ < 0 && errno == EINTR);
  if (fd_ < 0) status_ = file_error("create", path_, errno);
}

file_sink::~file_sink() {
  if (fd_ >= 0) ::close(fd_);
}

void file_sink::write(std::string_view text) {
  if (!status_.ok()) return;
  buffer_.append(text);
  if (buffer_.size() >= buffer_size) flush();
}

void file_sink::flush() {
  std::string_view rest = buffer_;
  while (status_.ok() && !rest.empty()) {
    const ssize_t n = ::write(fd_, rest.data(), rest.size());
    if (n < 0 && errno == EINTR) continue;
    // A regular file takes at least one byte or says why not.
    if (n <= 0) {
      status_ = file_error("write to", path_, n < 0 ? errno : ENOSPC);
    } else {
      rest.remove_prefix(static_cast<std::size_t>(n));
    }
  }
  buffer_.clear();
}

absl::Status file_sink::close() {
  flush();
  if (fd_ >= 0 && ::close(std::exchange(fd_, -1)) != 0 && status_.ok())
    status_ = file_error("write to", path_, errno);
  return status_;
}

absl::Status file_error(std::string_view verb, const std::string& path, int error) {
  std::string what{"Cannot "};
  what.append(verb).append(" ").append(path).append(": ");
  what.append(std::generic_category().message(error)).append(".");
  switch (error) {
    case EACCES:
    case EPERM:
    case EROFS:
      return absl::PermissionDeniedError(
          what + " Choose a directory for reports that you may write to.");
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
      return absl::ResourceExhaustedError(
          what + " Free some space there, or choose another directory for reports.");
    case EEXIST:
    case EISDIR:
    case ENOTDIR:
      return absl::FailedPreconditionError(
          what
          + " Something else is in the way: move it, or choose another directory for reports.");
    default:
      return absl::UnavailableError(what + " Look after the disk, then write the report again.");
  }
}

}  // namespace atomix::sim
