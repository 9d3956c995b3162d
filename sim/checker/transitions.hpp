// SPDX-License-Identifier: Apache-2.0
/// \file The states of a model as small numbers, and what leads from one to another, remembered.
#pragma once

#include "sim/checker/model.hpp"

#include <absl/container/flat_hash_map.h>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace atomix::checker {

using state_number = std::uint32_t;
using class_number = std::uint32_t;

/// Operations of a class are alike: the model cannot tell them apart.
class transitions {
 public:
  static constexpr state_number impossible = ~0U;

  transitions(model& m, const part& p);

  [[nodiscard]] std::size_t class_count() const { return representatives_.size(); }
  [[nodiscard]] class_number class_of(std::size_t i) const { return classes_[i]; }
  [[nodiscard]] state_number initial() const { return 0; }
  [[nodiscard]] const value& state(state_number s) const { return states_[s]; }
  /// Where an operation of the class leads, or `impossible`.
  [[nodiscard]] state_number step(state_number from, class_number c) {
    std::uint32_t& known = slot(from, c);
    return known != not_tried ? known : try_step(from, c);
  }

 private:
  static constexpr std::uint32_t not_tried = ~0U - 1;
  static constexpr std::size_t dense_max = 64;  // classes; above, most pairs are never met

  std::uint32_t& slot(state_number from, class_number c) {
    if (dense_) return table_[from * representatives_.size() + c];
    return sparse_.try_emplace((std::uint64_t{from} << 32U) | c, not_tried).first->second;
  }
  state_number try_step(state_number from, class_number c);
  state_number number(value state);
  [[nodiscard]] bool alike(const operation& a, const operation& b) const;
  [[nodiscard]] std::uint64_t hash(const operation& op) const;

  model& model_;
  const part& part_;
  std::vector<std::size_t> representatives_;  // by class
  std::vector<class_number> classes_;
  std::vector<value> states_;
  absl::flat_hash_map<std::uint64_t, std::vector<state_number>> numbers_;  // by hash
  std::vector<std::uint32_t> table_;
  absl::flat_hash_map<std::uint64_t, std::uint32_t> sparse_;
  bool dense_ = true;
};

}  // namespace atomix::checker
