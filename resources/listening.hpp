// SPDX-License-Identifier: Apache-2.0
/// \file A listener or watcher that is forgotten with its owner. For handles whose machines send
/// events unasked; those who must ask use `subscription`.
#pragma once

#include "resources/invoker.hpp"

#include <functional>
#include <memory>
#include <utility>

namespace atomix {

/// Does not keep its session alive.
class listening {
 public:
  listening() = default;
  explicit listening(std::function<void()> forget) : forget_(std::move(forget)) {}
  listening(const std::shared_ptr<invoker>& session, listener_id id)
      : listening([weak = std::weak_ptr(session), id] {
          if (const auto by = weak.lock()) by->forget(id);
        }) {}
  listening(listening&& other) noexcept : forget_(std::exchange(other.forget_, nullptr)) {}
  listening& operator=(listening&& other) noexcept {
    if (this == &other) return *this;
    cancel();
    forget_ = std::exchange(other.forget_, nullptr);
    return *this;
  }
  listening(const listening&) = delete;
  listening& operator=(const listening&) = delete;
  ~listening() { cancel(); }

  void cancel() {
    if (const auto forget = std::exchange(forget_, nullptr)) forget();
  }

 private:
  std::function<void()> forget_;
};

}  // namespace atomix
