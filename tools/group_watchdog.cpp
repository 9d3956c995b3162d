// SPDX-License-Identifier: Apache-2.0
#include "tools/group_watchdog.hpp"

#include "raft/base/check.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>

namespace atomix::tools {
namespace {

// What goes through the pipe: a group to watch, or one of these.
constexpr pid_t sign_of_life = 0;
constexpr pid_t dismissal = -1;

[[noreturn]] void keep_watch(int pipe, std::chrono::milliseconds patience) {
  // Signals for this terminal or group are not for the watchdog.
  ::setsid();
  pid_t group = 0;
  while (true) {
    pollfd input{pipe, POLLIN, 0};
    const int ready = ::poll(&input, 1, group == 0 ? -1 : static_cast<int>(patience.count()));
    if (ready < 0 && errno == EINTR) continue;
    pid_t word = 0;
    const bool heard = ready > 0 && ::read(pipe, &word, sizeof word) == sizeof word;
    if (heard && word == dismissal) ::_exit(0);
    if (heard) {
      if (word != sign_of_life) group = word;
      continue;
    }
    // Silence, or the end of the other side.
    if (group != 0) ::kill(-group, SIGKILL);
    ::_exit(0);
  }
}

}  // namespace

group_watchdog::group_watchdog(std::chrono::milliseconds patience)
    : patience_(patience), last_beat_(std::chrono::steady_clock::now()) {
  std::array<int, 2> ends{};
  ATOMIX_CHECK(::pipe2(ends.data(), O_CLOEXEC) == 0, "there is a pipe to the watchdog");
  watchdog_ = ::fork();
  ATOMIX_CHECK(watchdog_ >= 0, "there is a process for the watchdog");
  if (watchdog_ == 0) {
    ::close(ends[1]);
    keep_watch(ends[0], patience_);
  }
  ::close(ends[0]);
  pipe_ = ends[1];
}

group_watchdog::~group_watchdog() {
  // A watchdog that is gone already cannot be told; SIGPIPE is ignored.
  [[maybe_unused]] const auto written = ::write(pipe_, &dismissal, sizeof dismissal);
  ::close(pipe_);
  ::waitpid(watchdog_, nullptr, 0);
}

int group_watchdog::begin() {
  last_beat_ = std::chrono::steady_clock::now();
  return pipe_;
}

bool group_watchdog::beat() {
  const auto now = std::chrono::steady_clock::now();
  const bool in_time = now - last_beat_ < patience_;
  last_beat_ = now;
  return ::write(pipe_, &sign_of_life, sizeof sign_of_life) == sizeof sign_of_life && in_time;
}

}  // namespace atomix::tools
