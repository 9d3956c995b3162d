// SPDX-License-Identifier: Apache-2.0
/// \file The returns of a part in their order, and which operations are open at each: what the
/// search walks along.
#pragma once

#include "sim/checker/transitions.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace atomix::checker {

struct open_operation {
  std::uint32_t number;  ///< in the part
  std::uint32_t slot;    ///< its bit while it is open
  class_number kind;
  bool observes;
  /// Bit of the one before it in this list that is alike, or its own. That one goes first: it
  /// returns earlier, so an order with both swapped is as good.
  std::uint32_t alike_slot;
};

/// Operations of one class that never return. Which of them is used makes no difference.
struct endless_class {
  class_number kind;
  std::vector<std::uint32_t> numbers;  ///< in the part, by call
};

class timeline {
 public:
  timeline(const model& m, const part& p, const transitions& t);

  /// How many operations return.
  [[nodiscard]] std::size_t length() const { return returns_.size(); }
  [[nodiscard]] std::size_t slot_count() const { return slots_; }
  [[nodiscard]] std::size_t position(std::size_t at) const { return returns_[at]; }
  /// Open just before return `at`, by return: the first is the one that returns.
  [[nodiscard]] std::span<const open_operation> open(std::size_t at) const {
    return {open_.data() + begins_[at], begins_[at + 1] - begins_[at]};
  }
  /// Places in `open(at)`, in the order in which they are to be tried.
  [[nodiscard]] std::span<const std::uint32_t> tries(std::size_t at) const {
    return {tries_.data() + begins_[at], begins_[at + 1] - begins_[at]};
  }
  [[nodiscard]] const std::vector<endless_class>& endless() const { return endless_; }

 private:
  void add_return(std::vector<open_operation>& open, std::size_t position);
  void add_tries(const std::vector<std::size_t>& ranks);

  std::vector<std::size_t> returns_;  // positions
  std::vector<open_operation> open_;
  std::vector<std::uint32_t> tries_;
  std::vector<std::size_t> begins_{0};
  std::vector<endless_class> endless_;
  std::size_t slots_ = 0;
};

}  // namespace atomix::checker
