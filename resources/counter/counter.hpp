// SPDX-License-Identifier: Apache-2.0
/// \file `atomix::counter`: one replicated 64-bit number.
#pragma once

#include "resources/handle.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace atomix {

struct counter_change {
  index_t index;  ///< log index of the write
  std::int64_t old_value = 0;
  std::int64_t new_value = 0;
};

/// A number that is 0 at first and wraps around at the ends of 64 bits. All arithmetic is done by
/// the cluster, so concurrent calls never lose one another. Thread-safe.
///
/// Certainty: a failed write says by `certainty_of` whether it may have taken effect.
class counter : public handle {
 public:
  static constexpr std::string_view type_name = "counter";

  counter(std::shared_ptr<invoker> session, std::string name)
      : handle(std::move(session), std::move(name), type_name) {}

  /// A copy whose queries ask for `level` unless the call says otherwise.
  [[nodiscard]] counter with(consistency level) const { return asking(*this, level); }

  [[nodiscard]] future<std::int64_t> get(freshness level = {}) const;
  [[nodiscard]] future<void> set(std::int64_t to) const;
  [[nodiscard]] future<std::int64_t> get_and_set(std::int64_t to) const;
  /// True if the number was `expect` and now is `update`.
  [[nodiscard]] future<bool> compare_and_set(std::int64_t expect, std::int64_t update) const;

  [[nodiscard]] future<std::int64_t> add_and_get(std::int64_t delta) const;
  [[nodiscard]] future<std::int64_t> get_and_add(std::int64_t delta) const;
  [[nodiscard]] future<std::int64_t> increment_and_get() const { return add_and_get(1); }
  [[nodiscard]] future<std::int64_t> decrement_and_get() const { return add_and_get(-1); }
  [[nodiscard]] future<std::int64_t> get_and_increment() const { return get_and_add(1); }
  [[nodiscard]] future<std::int64_t> get_and_decrement() const { return get_and_add(-1); }

  /// Calls `listener` on the session's thread after each write.
  [[nodiscard]] subscription on_change(std::function<void(const counter_change&)> listener) const;
};

}  // namespace atomix
