// SPDX-License-Identifier: Apache-2.0
#include "tools/child_process.hpp"

#include <absl/strings/str_cat.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>

namespace atomix::tools {
namespace {

// Everything the child needs is made before the fork: between fork and exec of a process with
// threads, nothing may allocate.
struct prepared {
  std::vector<char*> arguments;
  std::vector<char*> environment;
  const char* output = nullptr;
  bool own_group = false;
  int announce_to = -1;
  bool keeps_no_files = false;
  pid_t parent = 0;
  int report = -1;  // takes errno if the program cannot be executed
};

bool is_replaced(const char* variable, const std::vector<std::string>& added) {
  for (const std::string& entry : added) {
    const std::size_t name = entry.find('=') + 1;
    if (std::strncmp(variable, entry.c_str(), name) == 0) return true;
  }
  return false;
}

prepared prepare(const child_setup& setup) {
  prepared p;
  for (const std::string& argument : setup.command)
    p.arguments.push_back(const_cast<char*>(argument.c_str()));
  p.arguments.push_back(nullptr);
  for (char** variable = environ; *variable != nullptr; ++variable)
    if (!is_replaced(*variable, setup.environment)) p.environment.push_back(*variable);
  for (const std::string& entry : setup.environment)
    p.environment.push_back(const_cast<char*>(entry.c_str()));
  p.environment.push_back(nullptr);
  p.output = setup.output.empty() ? nullptr : setup.output.c_str();
  p.own_group = setup.own_group;
  p.announce_to = setup.announce_to;
  p.keeps_no_files = setup.keeps_no_files;
  p.parent = ::getpid();
  return p;
}

bool redirect(const char* path) {
  const int file = ::open(path, O_WRONLY | O_CREAT | O_APPEND, 0644);
  if (file < 0 || ::dup2(file, STDOUT_FILENO) < 0 || ::dup2(file, STDERR_FILENO) < 0) return false;
  ::close(file);
  const int nothing = ::open("/dev/null", O_RDONLY);
  return nothing >= 0 && ::dup2(nothing, STDIN_FILENO) >= 0;
}

void reset_signals() {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGCHLD, SIGQUIT})
    ::signal(signal, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

[[noreturn]] void become(const prepared& p) {
  if (p.own_group) ::setpgid(0, 0);
  const pid_t self = ::getpid();
  if (p.announce_to >= 0 && ::write(p.announce_to, &self, sizeof self) != sizeof self) ::_exit(1);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  // The parent may have ended before the line above.
  if (::getppid() != p.parent) ::_exit(1);
  reset_signals();
  if (p.keeps_no_files) ::close_range(STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC);
  if (p.output == nullptr || redirect(p.output))
    ::execvpe(p.arguments[0], p.arguments.data(), p.environment.data());
  const int error = errno;
  [[maybe_unused]] const auto written = ::write(p.report, &error, sizeof error);
  ::_exit(127);
}

absl::Status system_error(const std::string& what, int error) {
  return absl::ErrnoToStatus(error, what);
}

}  // namespace

absl::StatusOr<pid_t> start_child(const child_setup& setup) {
  prepared p = prepare(setup);
  std::array<int, 2> report{};
  if (::pipe2(report.data(), O_CLOEXEC) != 0) return system_error("No pipe", errno);
  p.report = report[1];
  const pid_t child = ::fork();
  if (child == 0) become(p);
  const int fork_error = errno;
  ::close(report[1]);
  // Both sides set the group: whoever comes first.
  if (child > 0 && p.own_group) ::setpgid(child, child);
  int error = 0;
  const auto read = child > 0 ? ::read(report[0], &error, sizeof error) : 0;
  ::close(report[0]);
  if (child < 0) return system_error("No new process", fork_error);
  if (read == sizeof error) {
    ::waitpid(child, nullptr, 0);
    return system_error(absl::StrCat("Cannot start '", setup.command.at(0), "'"), error);
  }
  return child;
}

int exit_code_of(int wait_status) {
  return WIFSIGNALED(wait_status) ? 128 + WTERMSIG(wait_status) : WEXITSTATUS(wait_status);
}

}  // namespace atomix::tools
