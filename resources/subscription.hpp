// SPDX-License-Identifier: Apache-2.0
/// \file A listener of a resource's events for as long as somebody wants it.
#pragma once

#include "resources/future.hpp"
#include "resources/invoker.hpp"

#include <functional>
#include <memory>
#include <string>

namespace atomix {

/// The commands by which a machine starts and stops sending events to a listener of a session,
/// encoded.
struct listen_operations {
  std::function<std::string(listener_id)> listen;
  std::function<std::string(listener_id)> unlisten;
};

/// Ends with its owner, or by `cancel`. Follows its session: if that expires and the client opens a
/// new one, it listens again there (what happened in between is not told). Deleting the resource
/// deletes its listeners too.
///
/// May be destroyed on any thread; a call of the listener that runs at that moment may still end.
class subscription {
 public:
  subscription() = default;
  /// Calls `listener` with the encoded events of `resource` from now on.
  subscription(
      std::shared_ptr<invoker> session,
      resource_name resource,
      listen_operations operations,
      event_listener listener);
  subscription(subscription&& other) noexcept = default;
  subscription& operator=(subscription&& other) noexcept;
  subscription(const subscription&) = delete;
  subscription& operator=(const subscription&) = delete;
  ~subscription() { cancel(); }

  void cancel();
  [[nodiscard]] bool is_active() const { return body_ != nullptr; }
  /// Once the cluster has taken note: every change after that is told. Requires: active.
  [[nodiscard]] future<void> ready() const;

 private:
  struct body;
  std::shared_ptr<body> body_;
};

}  // namespace atomix
