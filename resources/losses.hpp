// SPDX-License-Identifier: Apache-2.0
/// \file What a handle held and lost without its own doing, and who hears of that.
#pragma once

#include "resources/listening.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

namespace atomix::resources {

/// Each loss is told once to all who listen at that moment. One of which nobody heard yet is kept
/// for the first who comes to listen: the session may end between a grant and that. Thread-safe.
template <class T>
class losses : public std::enable_shared_from_this<losses<T>> {
 public:
  using listener = std::function<void(T)>;

  /// Calls `hear` for each loss, while the result lives; at once, on the caller's thread, if there
  /// is one of which nobody heard. Requires: owned by a shared pointer.
  [[nodiscard]] listening listen(listener hear) {
    const auto [id, missed] = add(hear);
    if (missed) hear(*missed);
    return listening{[weak = this->weak_from_this(), number = id] {
      if (const auto self = weak.lock()) self->forget(number);
    }};
  }
  void lose(T what) {
    bool told = false;
    // All may cancel before their turn comes: then it is for who listens next.
    while (!told) {
      const all listeners = listeners_or_keep(what);
      if (listeners.empty()) return;
      for (const auto& [id, hear] : listeners) {
        if (!is_listening(id)) continue;
        hear(what);
        told = true;
      }
    }
  }
  /// Something else is held: what went before concerns nobody any more.
  void begin_anew() {
    const std::lock_guard lock{mutex_};
    missed_.reset();
  }

 private:
  using all = std::map<std::uint64_t, listener>;

  std::pair<std::uint64_t, std::optional<T>> add(const listener& hear) {
    const std::lock_guard lock{mutex_};
    listeners_.emplace(++last_, hear);
    return {last_, std::exchange(missed_, std::nullopt)};
  }
  void forget(std::uint64_t id) {
    // What a listener holds may be the last of a handle: not to be destroyed under the lock.
    typename all::node_type ended;
    const std::lock_guard lock{mutex_};
    ended = listeners_.extract(id);
  }
  all listeners_or_keep(T what) {
    const std::lock_guard lock{mutex_};
    if (listeners_.empty()) missed_ = what;
    return listeners_;
  }
  bool is_listening(std::uint64_t id) {
    const std::lock_guard lock{mutex_};
    return listeners_.contains(id);
  }

  std::mutex mutex_;
  std::uint64_t last_ = 0;
  all listeners_;
  std::optional<T> missed_;
};

}  // namespace atomix::resources
