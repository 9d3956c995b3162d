// SPDX-License-Identifier: Apache-2.0
/// \file The real world for one client or replica: a thread with a reactor, TCP, and, for a
/// replica, the disk with its helper threads.
#pragma once

#include "actors/world.hpp"

#include <caf/fwd.hpp>

#include <functional>
#include <future>
#include <memory>

namespace atomix::actors {

enum class disk_use : std::uint8_t { none, posix };

class runtime {
 public:
  /// Starts the thread. `log` gets sentences from that thread.
  runtime(disk_use disk, log_sink log);
  runtime(const runtime&) = delete;
  runtime& operator=(const runtime&) = delete;
  /// Stops the thread; actors that are left are ended without running. Not from that thread.
  ~runtime();

  /// Runs `task` on the actors' thread and waits for it.
  void call(const std::function<void(caf::actor_system&, const world&)>& task);
  /// Whether the caller runs on the actors' thread: a completion or a listener does.
  [[nodiscard]] bool is_here() const;
  /// Keeps `thing`, which holds handles of actors, until the network is gone and the actors are
  /// not.
  void keep(std::shared_ptr<void> thing);

 private:
  struct parts;
  std::unique_ptr<parts> parts_;
};

}  // namespace atomix::actors
