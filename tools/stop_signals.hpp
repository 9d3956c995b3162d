// SPDX-License-Identifier: Apache-2.0
/// \file Waiting for what ends or wakes a command: signals, and news from other threads.
#pragma once

#include <absl/types/span.h>

#include <chrono>
#include <initializer_list>
#include <optional>

namespace atomix::tools {

/// Takes signals as input instead of as interruption. Make it before any thread: threads inherit
/// that the signals are blocked.
class stop_signals {
 public:
  /// SIGINT, SIGTERM and SIGHUP, and those in `more`.
  explicit stop_signals(std::initializer_list<int> more = {});
  stop_signals(const stop_signals&) = delete;
  stop_signals& operator=(const stop_signals&) = delete;
  ~stop_signals();

  /// Readable when a signal waits.
  [[nodiscard]] int fd() const { return fd_; }
  /// The next signal, if one waits.
  [[nodiscard]] std::optional<int> take() const;
  /// From now on the next SIGINT or SIGTERM ends the process at once.
  static void let_next_one_kill();

 private:
  int fd_ = -1;
};

/// Lets other threads wake the main one.
class bell {
 public:
  bell();
  bell(const bell&) = delete;
  bell& operator=(const bell&) = delete;
  ~bell();

  /// From any thread.
  void ring() const;
  [[nodiscard]] int fd() const { return fd_; }
  /// Forgets earlier rings.
  void clear() const;

 private:
  int fd_ = -1;
};

/// Waits until one of `fds` is readable or `patience` is over (absent: for ever).
void wait_for_any(
    absl::Span<const int> fds, std::optional<std::chrono::milliseconds> patience = std::nullopt);

/// Whether a read would return at once.
[[nodiscard]] bool is_readable(int fd);

}  // namespace atomix::tools
