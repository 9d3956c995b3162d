// SPDX-License-Identifier: Apache-2.0
/// \file A process beside this one that kills a process group when this one stops giving signs of
/// life: when it has died, or was stopped (SIGSTOP, a debugger) and cannot see that its lock is
/// lost.
#pragma once

#include <sys/types.h>

#include <chrono>

namespace atomix::tools {

class group_watchdog {
 public:
  /// Starts the process. Requires: this one has no other threads yet.
  explicit group_watchdog(std::chrono::milliseconds patience);
  group_watchdog(const group_watchdog&) = delete;
  group_watchdog& operator=(const group_watchdog&) = delete;
  /// Sends it home; the group lives on.
  ~group_watchdog();

  /// Beats are due from now on. The child that is started next, with a group of its own, writes its
  /// process id there (`child_setup::announce_to`); from then on its group gets SIGKILL if there is
  /// no `beat` for `patience`, or no process to give one. The child says so itself: this process
  /// may be stopped before it gets to it.
  [[nodiscard]] int begin();
  /// A sign of life. False if the one before was so long ago that the group may be dead.
  [[nodiscard]] bool beat();
  /// Beats should not be further apart.
  [[nodiscard]] std::chrono::milliseconds beat_interval() const { return patience_ / 10; }

 private:
  std::chrono::milliseconds patience_;
  std::chrono::steady_clock::time_point last_beat_;
  pid_t watchdog_ = 0;
  int pipe_ = -1;
};

}  // namespace atomix::tools
