// SPDX-License-Identifier: Apache-2.0
/// \file The result of an asynchronous call: wait for it, chain on it, or `co_await` it.
#pragma once

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include <chrono>
#include <condition_variable>
#include <coroutine>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

namespace atomix {

/// `absl::StatusOr<T>`, or `absl::Status` for void.
template <class T>
struct result_of {
  using type = absl::StatusOr<T>;
};
template <>
struct result_of<void> {
  using type = absl::Status;
};
template <class T>
using result_t = typename result_of<T>::type;

template <class T>
class promise;

/// Shared by copies. Thread-safe: made by the session's thread, read by the user's.
template <class T>
class future {
 public:
  using result = result_t<T>;

  /// Waits for the result. Not from a completion or listener: they run on the thread that this
  /// would wait for.
  [[nodiscard]] result get() const {
    std::unique_lock lock{shared_->mutex};
    shared_->ready.wait(lock, [&] { return shared_->value.has_value(); });
    return *shared_->value;
  }
  /// As `get`, but gives up after `patience`: the call itself goes on, its outcome is unknown.
  [[nodiscard]] std::optional<result> get_for(std::chrono::milliseconds patience) const {
    std::unique_lock lock{shared_->mutex};
    if (!shared_->ready.wait_for(lock, patience, [&] { return shared_->value.has_value(); }))
      return std::nullopt;
    return shared_->value;
  }
  [[nodiscard]] bool is_ready() const {
    const std::lock_guard lock{shared_->mutex};
    return shared_->value.has_value();
  }
  /// Calls `next` with the result, on the session's thread, or at once if it is there. One per
  /// future.
  void then(std::function<void(result)> next) const {
    {
      const std::lock_guard lock{shared_->mutex};
      if (!shared_->value) {
        shared_->next = std::move(next);
        return;
      }
    }
    next(*shared_->value);
  }

  [[nodiscard]] bool await_ready() const { return is_ready(); }
  void await_suspend(std::coroutine_handle<> handle) const {
    then([handle](const result&) { handle.resume(); });
  }
  [[nodiscard]] result await_resume() const { return get(); }

 private:
  friend class promise<T>;
  struct shared {
    std::mutex mutex;
    std::condition_variable ready;
    std::optional<result> value;
    std::function<void(result)> next;
  };
  explicit future(std::shared_ptr<shared> s) : shared_(std::move(s)) {}
  std::shared_ptr<shared> shared_;
};

/// The other end. Copies share; only the first `set` counts.
template <class T>
class promise {
 public:
  using result = result_t<T>;
  promise() : shared_(std::make_shared<typename future<T>::shared>()) {}

  [[nodiscard]] future<T> get_future() const { return future<T>{shared_}; }
  void set(result value) const {
    std::function<void(result)> next;
    {
      const std::lock_guard lock{shared_->mutex};
      if (shared_->value) return;
      shared_->value = std::move(value);
      next = std::move(shared_->next);
    }
    shared_->ready.notify_all();
    if (next) next(*shared_->value);
  }

 private:
  std::shared_ptr<typename future<T>::shared> shared_;
};

}  // namespace atomix
