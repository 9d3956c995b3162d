// SPDX-License-Identifier: Apache-2.0
/// \file Starting programs, without a shell.
#pragma once

#include <absl/status/statusor.h>
#include <sys/types.h>

#include <string>
#include <vector>

namespace atomix::tools {

struct child_setup {
  std::vector<std::string> command;      ///< program, looked up in PATH, and its arguments
  std::vector<std::string> environment;  ///< "NAME=text", added to this process's
  std::string output;                    ///< file for both outputs, appended to; empty: inherited
  bool own_group = false;                ///< leads a process group of its own
  int announce_to = -1;                  ///< gets its process id before it runs, unless negative
  bool keeps_no_files = false;           ///< inherits none of ours but the standard ones
};

/// Starts the program. It is killed when the thread that called this ends; its signals are as if
/// started from a shell. Errors: not_found and others, if it could not be executed.
[[nodiscard]] absl::StatusOr<pid_t> start_child(const child_setup& setup);

/// Its exit code, or 128 + signal, as shells count.
[[nodiscard]] int exit_code_of(int wait_status);

}  // namespace atomix::tools
