// SPDX-License-Identifier: Apache-2.0
/// \file Coroutines for client programs. They may await futures of handles, each other, and virtual
/// time. Not for production: a task whose run is over is simply not resumed any more.
#pragma once

#include "resources/future.hpp"

#include <coroutine>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

namespace atomix::testing {

template <class T = void>
class task;

namespace coroutines {

/// Whether the frame is still there, for those who would resume it.
struct frame_life {
  std::coroutine_handle<> frame;  // null: gone
};

/// Awaits a future on behalf of a frame that may go away meanwhile.
template <class T>
struct future_awaiter {
  future<T> source;
  std::shared_ptr<frame_life> life;

  [[nodiscard]] bool await_ready() const { return source.is_ready(); }
  void await_suspend(std::coroutine_handle<>) const {
    source.then([waiting = life](const auto&) {
      if (waiting->frame) waiting->frame.resume();
    });
  }
  [[nodiscard]] result_t<T> await_resume() const { return source.get(); }
};

struct promise_base {
  std::shared_ptr<frame_life> life = std::make_shared<frame_life>();
  std::exception_ptr failure;
  std::coroutine_handle<> awaiting;  // the task that waits for this one
  std::function<void(std::exception_ptr)> done;

  struct at_the_end {
    [[nodiscard]] bool await_ready() const noexcept { return false; }
    template <class Promise>
    std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> ended) const noexcept {
      promise_base& p = ended.promise();
      if (p.awaiting) return p.awaiting;
      // Moved out first: what hears of the end may let go of the task.
      if (const auto tell = std::exchange(p.done, nullptr)) tell(p.failure);
      return std::noop_coroutine();
    }
    void await_resume() const noexcept {}
  };

  [[nodiscard]] std::suspend_always initial_suspend() const noexcept { return {}; }
  [[nodiscard]] at_the_end final_suspend() const noexcept { return {}; }
  void unhandled_exception() { failure = std::current_exception(); }

  template <class T>
  [[nodiscard]] future_awaiter<T> await_transform(future<T> awaited) const {
    return {std::move(awaited), life};
  }
  template <class T>
  [[nodiscard]] task<T>&& await_transform(task<T>&& awaited) const {
    return std::move(awaited);
  }
};

template <class T>
struct promise_of : promise_base {
  std::optional<T> value;
  void return_value(T given) { value = std::move(given); }
  [[nodiscard]] T take() { return std::move(*value); }
};
template <>
struct promise_of<void> : promise_base {
  void return_void() const {}
  void take() const {}
};

}  // namespace coroutines

/// What a coroutine of a client program returns. It begins when it is awaited (the outermost one:
/// when its client's turn has come). Owns its frame; used by one thread.
template <class T>
class [[nodiscard]] task {
 public:
  struct promise_type : coroutines::promise_of<T> {
    task get_return_object() {
      const auto frame = std::coroutine_handle<promise_type>::from_promise(*this);
      this->life->frame = frame;
      return task{frame};
    }
  };

  task() = default;
  task(task&& other) noexcept : frame_(std::exchange(other.frame_, nullptr)) {}
  task& operator=(task&& other) noexcept {
    if (this == &other) return *this;
    drop();
    frame_ = std::exchange(other.frame_, nullptr);
    return *this;
  }
  task(const task&) = delete;
  task& operator=(const task&) = delete;
  ~task() { drop(); }

  [[nodiscard]] bool await_ready() const { return false; }
  [[nodiscard]] std::coroutine_handle<> await_suspend(std::coroutine_handle<> waiting) const {
    frame_.promise().awaiting = waiting;
    return frame_;
  }
  T await_resume() const {
    if (frame_.promise().failure) std::rethrow_exception(frame_.promise().failure);
    return frame_.promise().take();
  }

  /// Begins the outermost one; `done` hears of its end, with what it threw if it threw.
  void start(std::function<void(std::exception_ptr)> done) {
    coroutines::promise_base& promise = frame_.promise();
    promise.done = std::move(done);
    frame_.resume();
  }
  /// What it returned. Requires: it is done and has not thrown.
  [[nodiscard]] T result() const { return frame_.promise().take(); }

 private:
  explicit task(std::coroutine_handle<promise_type> frame) : frame_(frame) {}
  void drop() {
    if (!frame_) return;
    frame_.promise().life->frame = nullptr;
    std::exchange(frame_, nullptr).destroy();
  }

  std::coroutine_handle<promise_type> frame_;
};

}  // namespace atomix::testing
