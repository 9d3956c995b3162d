// SPDX-License-Identifier: Apache-2.0
/// \file The result of an asynchronous call: wait for it, chain on it, or `co_await` it.
#pragma once

#include "resources/consistency.hpp"

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
  /// Calls `next` with the result, on the session's thread, or at once if it is there. Several are
  /// called in the order given.
  void then(std::function<void(result)> next) const {
    const std::shared_ptr<shared> s = shared_;
    if (!s->attach(next)) next(*s->value);
  }

  [[nodiscard]] bool await_ready() const { return is_ready(); }
  /// False, which resumes at once, if the result came meanwhile. Once attached, another thread may
  /// already be running the coroutine, and destroy this future: nothing here is touched any more.
  [[nodiscard]] bool await_suspend(std::coroutine_handle<> handle) const {
    const std::shared_ptr<shared> s = shared_;
    std::function<void(result)> resume = [handle](const result&) {
      handle.resume();
    };
    return s->attach(resume);
  }
  [[nodiscard]] result await_resume() const { return get(); }

 private:
  friend class promise<T>;
  struct shared {
    std::mutex mutex;
    std::condition_variable ready;
    std::optional<result> value;  // never changes once set
    std::function<void(result)> next;

    // False if the value is there already; then `added` is untouched.
    bool attach(std::function<void(result)>& added) {
      const std::lock_guard lock{mutex};
      if (value) return false;
      if (!next) {
        next = std::move(added);
        return true;
      }
      next = [first = std::move(next), second = std::move(added)](const result& r) {
        first(r);
        second(r);
      };
      return true;
    }
    void set(result r) {
      std::function<void(result)> attached;
      {
        const std::lock_guard lock{mutex};
        if (value) return;
        value = std::move(r);
        attached = std::move(next);
        next = nullptr;
      }
      ready.notify_all();
      if (attached) attached(*value);
    }
  };
  explicit future(std::shared_ptr<shared> s) : shared_(std::move(s)) {}
  std::shared_ptr<shared> shared_;
};

/// The other end. Copies share; only the first `set` counts. If all of them go without a `set`, the
/// call was dropped on its way, and the future tells that its outcome is unknown.
template <class T>
class promise {
 public:
  using result = result_t<T>;
  promise() : held_(std::make_shared<holder>()) {}

  [[nodiscard]] future<T> get_future() const { return future<T>{held_->shared}; }
  void set(result value) const {
    // What runs next may destroy the last promise.
    const auto shared = held_->shared;
    shared->set(std::move(value));
  }

 private:
  using shared_state = typename future<T>::shared;
  struct holder {
    std::shared_ptr<shared_state> shared = std::make_shared<shared_state>();
    holder() = default;
    holder(const holder&) = delete;
    holder& operator=(const holder&) = delete;
    ~holder() {
      shared->set(
          unknown_outcome(absl::CancelledError("The session ended before the answer came.")));
    }
  };
  std::shared_ptr<holder> held_;
};

/// A future whose result is there.
template <class T>
[[nodiscard]] future<T> ready_future(result_t<T> result) {
  const promise<T> p;
  p.set(std::move(result));
  return p.get_future();
}

/// What `change` makes of the result of `source`: from `result_t<T>` to `result_t<U>`.
template <class U, class T, class F>
[[nodiscard]] future<U> transform(const future<T>& source, F change) {
  const promise<U> p;
  source.then([p, change = std::move(change)](result_t<T> r) { p.set(change(std::move(r))); });
  return p.get_future();
}

}  // namespace atomix
