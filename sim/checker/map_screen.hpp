// SPDX-License-Identifier: Apache-2.0
/// \file Proofs that one key of a map cannot have behaved like this, from the texts that gets
/// returned.
#pragma once

#include "sim/checker/model.hpp"

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

namespace atomix::checker {

[[nodiscard]] bool writes_key(const operation& op);    ///< put, append, delete
[[nodiscard]] bool replaces_key(const operation& op);  ///< put, delete
/// What a put or append writes.
[[nodiscard]] const value& content_of(const operation& op);

/// A get returned what the last put before it wrote, or what was there at first, and all that was
/// appended since.
class map_screen {
 public:
  map_screen(const part& p, const value& initial);

  /// Looks for something acknowledged that the get lacks although no put can have replaced it.
  [[nodiscard]] std::optional<finding> look_at(std::size_t i) const;
  /// Without put, of two texts one begins with the other.
  [[nodiscard]] std::optional<finding> different_orders() const;

 private:
  [[nodiscard]] const std::string* text_of(const operation& get) const;
  [[nodiscard]] std::string_view begins(const operation* replacing) const;
  // Of what was acknowledged before the get, the latest that it does not have.
  [[nodiscard]] std::vector<const operation*> missing(
      const operation& get, std::string_view text) const;

  const part& part_;
  const value& initial_;
  std::vector<const operation*> acknowledged_;  // put, append, delete, by return
  std::vector<const operation*> replacing_;     // put, delete
};

}  // namespace atomix::checker
