// SPDX-License-Identifier: Apache-2.0
/// \file The real disk: `file_system` on POSIX. Errors name path, cause and what to do.
#pragma once

#include "raft/storage/file_system.hpp"

#include <memory>

namespace atomix::raft {

/// Without state of its own: may be shared by threads, each file by one at a time.
/// Locks are advisory (`flock` on the file `lock` in the directory) and end with the process.
[[nodiscard]] std::unique_ptr<file_system> posix_file_system();

}  // namespace atomix::raft
