// SPDX-License-Identifier: Apache-2.0
/// \file The part of `atomix::map<K, V>` that does not depend on the types: bytes.
#pragma once

#include "resources/handle.hpp"
#include "resources/time_to_live.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace atomix {

enum class map_change : std::uint8_t {
  added,
  updated,  ///< written again, if to the same value, too
  removed,  ///< on demand or by the end of its time to live
  cleared,  ///< all entries at once: there is no key
};

/// A change of a map.
template <class K, class V>
struct map_event {
  map_change kind;
  index_t index;  ///< log index of what caused it
  std::optional<K> key;
  std::optional<V> old_value;
  std::optional<V> new_value;
  bool expired = false;  ///< removed because its time to live ended
  absl::Status status;   ///< not ok: the stored bytes are no `K` or `V`; then all are absent
};

/// Users take `map<K, V>`.
class map_base : public handle {
 public:
  static constexpr std::string_view type_name = "map";

  [[nodiscard]] future<std::uint64_t> size(freshness level = {}) const;
  [[nodiscard]] future<bool> is_empty(freshness level = {}) const;
  /// Removes all entries.
  [[nodiscard]] future<void> clear() const;

 protected:
  using bytes = std::optional<std::string>;
  using raw_event = map_event<std::string, std::string>;
  struct entry_bytes {
    std::string key;
    std::string value;
  };
  struct scan_range {
    bool keys = false;
    bool values = false;
    bytes after;
    std::size_t limit = 0;  // 0: all
  };
  struct scanned {
    std::vector<std::string> keys;
    std::vector<std::string> values;
  };

  map_base(std::shared_ptr<invoker> session, std::string name)
      : handle(std::move(session), std::move(name), type_name) {}

  [[nodiscard]] future<bool> contains_key_bytes(std::string key, freshness level) const;
  [[nodiscard]] future<bool> contains_value_bytes(std::string value, freshness level) const;
  [[nodiscard]] future<bytes> get_bytes(std::string key, freshness level) const;
  [[nodiscard]] future<scanned> scan(scan_range range, freshness level) const;

  [[nodiscard]] future<bytes> put_bytes(entry_bytes entry, time_to_live ttl) const;
  [[nodiscard]] future<void> set_bytes(entry_bytes entry, time_to_live ttl) const;
  [[nodiscard]] future<bytes> put_if_absent_bytes(entry_bytes entry, time_to_live ttl) const;
  [[nodiscard]] future<bytes> remove_bytes(std::string key) const;
  [[nodiscard]] future<bool> remove_if_bytes(entry_bytes entry) const;
  [[nodiscard]] future<bytes> replace_bytes(entry_bytes entry, time_to_live ttl) const;
  [[nodiscard]] future<bool> replace_if_bytes(
      entry_bytes entry, std::string expect, time_to_live ttl) const;

  /// Of one key, or of all.
  [[nodiscard]] subscription listen(
      bytes key, std::function<void(const raw_event&)> listener) const;
};

}  // namespace atomix
