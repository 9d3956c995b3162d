// SPDX-License-Identifier: Apache-2.0
#include "tools/stop_signals.hpp"

#include "raft/base/check.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdint>
#include <limits>
#include <vector>

namespace atomix::tools {

stop_signals::stop_signals(std::initializer_list<int> more) {
  sigset_t wanted;
  sigemptyset(&wanted);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP})
    sigaddset(&wanted, signal);
  for (const int signal : more)
    sigaddset(&wanted, signal);
  ATOMIX_CHECK(pthread_sigmask(SIG_BLOCK, &wanted, nullptr) == 0, "signals can be blocked");
  fd_ = signalfd(-1, &wanted, SFD_NONBLOCK | SFD_CLOEXEC);
  ATOMIX_CHECK(fd_ >= 0, "there is a descriptor for signals");
}

stop_signals::~stop_signals() {
  ::close(fd_);
}

std::optional<int> stop_signals::take() const {
  signalfd_siginfo info{};
  if (::read(fd_, &info, sizeof info) != sizeof info) return std::nullopt;
  return static_cast<int>(info.ssi_signo);
}

void stop_signals::let_next_one_kill() {
  sigset_t wanted;
  sigemptyset(&wanted);
  for (const int signal : {SIGINT, SIGTERM})
    sigaddset(&wanted, signal);
  pthread_sigmask(SIG_UNBLOCK, &wanted, nullptr);
}

bell::bell() : fd_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
  ATOMIX_CHECK(fd_ >= 0, "there is a descriptor for events");
}

bell::~bell() {
  ::close(fd_);
}

void bell::ring() const {
  const std::uint64_t one = 1;
  // It fails only if 2^64 rings wait already.
  [[maybe_unused]] const auto written = ::write(fd_, &one, sizeof one);
}

void bell::clear() const {
  std::uint64_t rings = 0;
  [[maybe_unused]] const auto taken = ::read(fd_, &rings, sizeof rings);
}

void wait_for_any(absl::Span<const int> fds, std::optional<std::chrono::milliseconds> patience) {
  std::vector<pollfd> all;
  for (const int fd : fds)
    all.push_back({fd, POLLIN, 0});
  constexpr std::int64_t longest = std::numeric_limits<int>::max();
  const std::int64_t ms = patience ? std::clamp<std::int64_t>(patience->count(), 0, longest) : -1;
  ::poll(all.data(), all.size(), static_cast<int>(ms));
}

bool is_readable(int fd) {
  pollfd one{fd, POLLIN, 0};
  return ::poll(&one, 1, 0) > 0;
}

}  // namespace atomix::tools
