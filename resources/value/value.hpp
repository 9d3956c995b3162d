// SPDX-License-Identifier: Apache-2.0
/// \file `atomix::value<T>`: one replicated value, read and written atomically.
#pragma once

#include "resources/codec.hpp"
#include "resources/handle.hpp"
#include "resources/time_to_live.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace atomix {

/// A change of a value. Absent means unset.
template <class T>
struct value_change {
  index_t index;  ///< log index of what caused it
  std::optional<T> old_value;
  std::optional<T> new_value;
  absl::Status status;  ///< not ok: the stored bytes are no `T`; then both are absent
};

/// What was read, and when it was written.
template <class T>
struct versioned {
  std::optional<T> value;
  index_t version;  ///< log index of the last write, `unset` or expiry; none: never written

  friend bool operator==(const versioned&, const versioned&) = default;
};

/// The part that does not depend on the type: bytes. Users take `value<T>`.
class value_base : public handle {
 public:
  static constexpr std::string_view type_name = "value";

 protected:
  using bytes = std::optional<std::string>;
  value_base(std::shared_ptr<invoker> session, std::string name)
      : handle(std::move(session), std::move(name), type_name) {}

  [[nodiscard]] future<versioned<std::string>> read(freshness level) const;
  [[nodiscard]] future<void> set_bytes(bytes value, time_to_live ttl) const;
  [[nodiscard]] future<bytes> get_and_set_bytes(bytes value, time_to_live ttl) const;
  [[nodiscard]] future<bool> compare_and_set_bytes(
      bytes expect, bytes update, time_to_live ttl) const;
  [[nodiscard]] subscription on_change_bytes(
      std::function<void(value_change<std::string>)> listener) const;
};

/// A value that is unset at first. `T` needs a `codec`. Thread-safe.
///
/// Certainty: a failed write says by `certainty_of` whether it may have taken effect.
template <class T = std::string>
class value : public value_base {
 public:
  using change = value_change<T>;

  value(std::shared_ptr<invoker> session, std::string name)
      : value_base(std::move(session), std::move(name)) {}

  /// A copy whose queries ask for `level` unless the call says otherwise.
  [[nodiscard]] value with(consistency level) const { return asking(*this, level); }

  /// Absent if unset or expired.
  [[nodiscard]] future<std::optional<T>> get(freshness level = {}) const {
    return transform<std::optional<T>>(get_versioned(level), [](const auto& r) {
      return r.ok() ? absl::StatusOr<std::optional<T>>{r->value} : r.status();
    });
  }
  /// As `get`, and says when it was written: later writes have larger versions, also
  /// across `remove`.
  [[nodiscard]] future<versioned<T>> get_versioned(freshness level = {}) const {
    return transform<versioned<T>>(
        read(level),
        [](const absl::StatusOr<versioned<std::string>>& r) -> absl::StatusOr<versioned<T>> {
          if (!r.ok()) return r.status();
          absl::StatusOr<std::optional<T>> found = decode(r->value);
          if (!found.ok()) return found.status();
          return versioned<T>{*std::move(found), r->version};
        });
  }
  /// Replaces the value and its time to live.
  /// Errors: invalid_argument – the time to live is negative.
  [[nodiscard]] future<void> set(const T& to, time_to_live ttl = {}) const {
    return set_bytes(codec<T>::encode(to), ttl);
  }
  [[nodiscard]] future<void> unset() const { return set_bytes(std::nullopt, {}); }
  /// The value before.
  [[nodiscard]] future<std::optional<T>> get_and_set(
      const std::optional<T>& to, time_to_live ttl = {}) const {
    return transform<std::optional<T>>(get_and_set_bytes(encode(to), ttl), decode_result);
  }
  /// Sets `update` if the value is `expect` (as encoded); true if it did. Absent means unset.
  [[nodiscard]] future<bool> compare_and_set(
      const std::optional<T>& expect, const std::optional<T>& update, time_to_live ttl = {}) const {
    return compare_and_set_bytes(encode(expect), encode(update), ttl);
  }
  /// Calls `listener` on the session's thread after each write, and when the time to live ends.
  [[nodiscard]] subscription on_change(std::function<void(const change&)> listener) const {
    return on_change_bytes([listener = std::move(listener)](value_change<std::string> raw) {
      change typed{raw.index, {}, {}, {}};
      absl::StatusOr<std::optional<T>> before = decode(raw.old_value);
      absl::StatusOr<std::optional<T>> after = decode(raw.new_value);
      typed.status = raw.status;
      typed.status.Update(before.status());
      typed.status.Update(after.status());
      if (typed.status.ok()) {
        typed.old_value = *std::move(before);
        typed.new_value = *std::move(after);
      }
      listener(typed);
    });
  }

 private:
  static bytes encode(const std::optional<T>& from) {
    return from ? bytes{codec<T>::encode(*from)} : std::nullopt;
  }
  static absl::StatusOr<std::optional<T>> decode(const bytes& stored) {
    if (!stored) return std::optional<T>{};
    absl::StatusOr<T> decoded = codec<T>::decode(*stored);
    if (!decoded.ok()) return decoded.status();
    return std::optional<T>{*std::move(decoded)};
  }
  static absl::StatusOr<std::optional<T>> decode_result(const absl::StatusOr<bytes>& stored) {
    if (!stored.ok()) return stored.status();
    return decode(*stored);
  }
};

}  // namespace atomix
