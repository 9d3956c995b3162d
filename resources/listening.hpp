// SPDX-License-Identifier: Apache-2.0
/// \file A listener or watcher of a session that is forgotten with its owner. For handles whose
/// machines send events unasked; those who must ask use `subscription`.
#pragma once

#include "resources/invoker.hpp"

#include <memory>
#include <utility>
#include <vector>

namespace atomix {

/// Does not keep its session alive.
class listening {
 public:
  listening() = default;
  listening(const std::shared_ptr<invoker>& session, listener_id id)
      : session_(session), ids_{id} {}
  listening(const std::shared_ptr<invoker>& session, std::vector<listener_id> ids)
      : session_(session), ids_(std::move(ids)) {}
  listening(listening&& other) noexcept
      : session_(std::move(other.session_)), ids_(std::move(other.ids_)) {}
  listening& operator=(listening&& other) noexcept {
    if (this == &other) return *this;
    cancel();
    session_ = std::move(other.session_);
    ids_ = std::move(other.ids_);
    return *this;
  }
  listening(const listening&) = delete;
  listening& operator=(const listening&) = delete;
  ~listening() { cancel(); }

  void cancel() {
    const std::shared_ptr<invoker> session = std::exchange(session_, {}).lock();
    if (session == nullptr) return;
    for (const listener_id id : ids_)
      session->forget(id);
  }

 private:
  std::weak_ptr<invoker> session_;
  std::vector<listener_id> ids_;
};

}  // namespace atomix
