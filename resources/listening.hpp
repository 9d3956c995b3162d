// SPDX-License-Identifier: Apache-2.0
/// \file A listener or watcher of a session that is forgotten with its owner. For handles whose
/// machines send events unasked; those who must ask use `subscription`.
#pragma once

#include "resources/invoker.hpp"

#include <memory>
#include <utility>

namespace atomix {

class listening {
 public:
  listening() = default;
  listening(std::shared_ptr<invoker> session, listener_id id)
      : session_(std::move(session)), id_(id) {}
  listening(listening&& other) noexcept : session_(std::move(other.session_)), id_(other.id_) {}
  listening& operator=(listening&& other) noexcept {
    if (this == &other) return *this;
    cancel();
    session_ = std::move(other.session_);
    id_ = other.id_;
    return *this;
  }
  listening(const listening&) = delete;
  listening& operator=(const listening&) = delete;
  ~listening() { cancel(); }

  void cancel() {
    const std::shared_ptr<invoker> session = std::exchange(session_, nullptr);
    if (session != nullptr) session->forget(id_);
  }

 private:
  std::shared_ptr<invoker> session_;
  listener_id id_;
};

}  // namespace atomix
