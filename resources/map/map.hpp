// SPDX-License-Identifier: Apache-2.0
/// \file `atomix::map<K, V>`: a replicated map, each operation atomic.
#pragma once

#include "resources/codec.hpp"
#include "resources/map/map_base.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace atomix {

/// A map, empty at first, held in memory by each node. `K` and `V` need a `codec`. Keys are equal,
/// and ordered, as their bytes are (numbers are decimal text: "10" comes before "9"). Thread-safe.
///
/// A time to live counts from the write in log time. It ends with a removal, at most an election
/// timeout and a tick late, never early. Every write of a key replaces it. A negative one is
/// refused with invalid_argument.
///
/// Certainty: a failed write says by `certainty_of` whether it may have taken effect.
template <class K = std::string, class V = std::string>
class map : public map_base {
 public:
  using event = map_event<K, V>;
  using listener = std::function<void(const event&)>;
  using handle::remove;  // of the whole resource

  map(std::shared_ptr<invoker> session, std::string name)
      : map_base(std::move(session), std::move(name)) {}

  /// A copy whose queries ask for `level` unless the call says otherwise.
  [[nodiscard]] map with(consistency level) const { return asking(*this, level); }

  [[nodiscard]] future<bool> contains_key(const K& key, freshness level = {}) const {
    return contains_key_bytes(codec<K>::encode(key), level);
  }
  /// Cost: looks at every entry.
  [[nodiscard]] future<bool> contains_value(const V& value, freshness level = {}) const {
    return contains_value_bytes(codec<V>::encode(value), level);
  }
  [[nodiscard]] future<std::optional<V>> get(const K& key, freshness level = {}) const {
    return typed(get_bytes(codec<K>::encode(key), level));
  }
  [[nodiscard]] future<V> get_or_default(const K& key, V otherwise, freshness level = {}) const {
    return transform<V>(
        get(key, level),
        [otherwise =
             std::move(otherwise)](absl::StatusOr<std::optional<V>> r) -> absl::StatusOr<V> {
          if (!r.ok()) return r.status();
          return r->has_value() ? **std::move(r) : otherwise;
        });
  }

  /// The value before.
  [[nodiscard]] future<std::optional<V>> put(
      const K& key, const V& value, time_to_live ttl = {}) const {
    return typed(put_bytes(encoded(key, value), ttl));
  }
  /// As `put`, but does not send the value before: less to do for everybody.
  [[nodiscard]] future<void> set(const K& key, const V& value, time_to_live ttl = {}) const {
    return set_bytes(encoded(key, value), ttl);
  }
  /// Absent if it was written, else the value that is there.
  [[nodiscard]] future<std::optional<V>> put_if_absent(
      const K& key, const V& value, time_to_live ttl = {}) const {
    return typed(put_if_absent_bytes(encoded(key, value), ttl));
  }
  /// The value removed.
  [[nodiscard]] future<std::optional<V>> remove(const K& key) const {
    return typed(remove_bytes(codec<K>::encode(key)));
  }
  /// Removes the entry if its value is `value` (as encoded); true if it did.
  [[nodiscard]] future<bool> remove(const K& key, const V& value) const {
    return remove_if_bytes(encoded(key, value));
  }
  /// The value before; without one, nothing is written.
  [[nodiscard]] future<std::optional<V>> replace(
      const K& key, const V& value, time_to_live ttl = {}) const {
    return typed(replace_bytes(encoded(key, value), ttl));
  }
  /// Writes `update` if the value is `expect` (as encoded); true if it did.
  [[nodiscard]] future<bool> replace(
      const K& key, const V& expect, const V& update, time_to_live ttl = {}) const {
    return replace_if_bytes(encoded(key, update), codec<V>::encode(expect), ttl);
  }

  /// Copies of the whole map, in the order of the keys, of one moment.
  [[nodiscard]] future<std::vector<K>> keys(freshness level = {}) const {
    return transform<std::vector<K>>(
        scan({true, false, {}, 0}, level),
        [](const absl::StatusOr<scanned>& r) { return decode_all<K>(r, &scanned::keys); });
  }
  [[nodiscard]] future<std::vector<V>> values(freshness level = {}) const {
    return transform<std::vector<V>>(
        scan({false, true, {}, 0}, level),
        [](const absl::StatusOr<scanned>& r) { return decode_all<V>(r, &scanned::values); });
  }
  using entry_list = std::vector<std::pair<K, V>>;
  [[nodiscard]] future<entry_list> entries(freshness level = {}) const {
    return transform<entry_list>(scan({true, true, {}, 0}, level), decode_entries);
  }
  /// At most `count` entries behind the key `after` (from the start if absent): for maps too large
  /// for one answer. Each call is a moment of its own. An empty list: there are no more.
  [[nodiscard]] future<entry_list> entries_after(
      const std::optional<K>& after, std::size_t count, freshness level = {}) const {
    return transform<entry_list>(scan({true, true, encoded(after), count}, level), decode_entries);
  }

  /// Calls `hear` on the session's thread after each change of the map, or of one key. `on_change`
  /// and `on_remove` hear of `clear` too: once, as `cleared`, without a key.
  [[nodiscard]] subscription on_change(listener hear) const { return on({}, any, std::move(hear)); }
  [[nodiscard]] subscription on_change(const K& key, listener hear) const {
    return on(key, any, std::move(hear));
  }
  [[nodiscard]] subscription on_add(listener hear) const { return on({}, added, std::move(hear)); }
  [[nodiscard]] subscription on_add(const K& key, listener hear) const {
    return on(key, added, std::move(hear));
  }
  [[nodiscard]] subscription on_update(listener hear) const {
    return on({}, updated, std::move(hear));
  }
  [[nodiscard]] subscription on_update(const K& key, listener hear) const {
    return on(key, updated, std::move(hear));
  }
  /// Removals, also those by the end of a time to live.
  [[nodiscard]] subscription on_remove(listener hear) const {
    return on({}, removed, std::move(hear));
  }
  [[nodiscard]] subscription on_remove(const K& key, listener hear) const {
    return on(key, removed, std::move(hear));
  }

 private:
  static bool any(map_change) { return true; }
  static bool added(map_change kind) { return kind == map_change::added; }
  static bool updated(map_change kind) { return kind == map_change::updated; }
  static bool removed(map_change kind) {
    return kind == map_change::removed || kind == map_change::cleared;
  }

  static entry_bytes encoded(const K& key, const V& value) {
    return {codec<K>::encode(key), codec<V>::encode(value)};
  }
  static bytes encoded(const std::optional<K>& key) {
    return key ? bytes{codec<K>::encode(*key)} : std::nullopt;
  }
  template <class T>
  static absl::StatusOr<std::optional<T>> decode(const bytes& stored) {
    if (!stored) return std::optional<T>{};
    absl::StatusOr<T> decoded = codec<T>::decode(*stored);
    if (!decoded.ok()) return decoded.status();
    return std::optional<T>{*std::move(decoded)};
  }
  static future<std::optional<V>> typed(const future<bytes>& stored) {
    return transform<std::optional<V>>(
        stored, [](const absl::StatusOr<bytes>& r) -> absl::StatusOr<std::optional<V>> {
          if (!r.ok()) return r.status();
          return decode<V>(*r);
        });
  }
  template <class T>
  static absl::StatusOr<std::vector<T>> decode_all(
      const absl::StatusOr<scanned>& from, std::vector<std::string> scanned::*part) {
    if (!from.ok()) return from.status();
    std::vector<T> result;
    result.reserve(((*from).*part).size());
    for (const std::string& stored : (*from).*part) {
      absl::StatusOr<T> decoded = codec<T>::decode(stored);
      if (!decoded.ok()) return decoded.status();
      result.push_back(*std::move(decoded));
    }
    return result;
  }
  static absl::StatusOr<entry_list> decode_entries(const absl::StatusOr<scanned>& from) {
    absl::StatusOr<std::vector<K>> keys = decode_all<K>(from, &scanned::keys);
    if (!keys.ok()) return keys.status();
    absl::StatusOr<std::vector<V>> values = decode_all<V>(from, &scanned::values);
    if (!values.ok()) return values.status();
    if (keys->size() != values->size()) return absl::InternalError("A key without a value.");
    entry_list result;
    result.reserve(keys->size());
    for (std::size_t i = 0; i < keys->size(); ++i)
      result.emplace_back(std::move((*keys)[i]), std::move((*values)[i]));
    return result;
  }
  subscription on(const std::optional<K>& key, bool (*wanted)(map_change), listener hear) const {
    return listen(encoded(key), [wanted, hear = std::move(hear)](const raw_event& raw) {
      if (!wanted(raw.kind)) return;
      absl::StatusOr<std::optional<K>> of = decode<K>(raw.key);
      absl::StatusOr<std::optional<V>> before = decode<V>(raw.old_value);
      absl::StatusOr<std::optional<V>> after = decode<V>(raw.new_value);
      event typed_event{raw.kind, raw.index, {}, {}, {}, raw.expired, of.status()};
      typed_event.status.Update(before.status());
      typed_event.status.Update(after.status());
      if (typed_event.status.ok()) {
        typed_event.key = *std::move(of);
        typed_event.old_value = *std::move(before);
        typed_event.new_value = *std::move(after);
      }
      hear(typed_event);
    });
  }
};

}  // namespace atomix
