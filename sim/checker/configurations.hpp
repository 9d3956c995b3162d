// SPDX-License-Identifier: Apache-2.0
/// \file Where a search has been: configurations, of which dominated ones need no second visit.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace atomix::checker {

/// A configuration is a place (event and state), the set of open operations that are already in
/// the order, and how many operations of each class were used that never returned. Whoever used
/// fewer of those can do all that the other can.
class configurations {
 public:
  /// `set_words` and `count_words`: sizes of the two parts of a configuration, in 64 bits; a word
  /// of counts holds four.
  configurations(std::size_t set_words, std::size_t count_words);

  /// False if a configuration that dominates this one was there before.
  /// Requires: `words` is the set, then the counts.
  bool visit(std::uint64_t place, std::span<const std::uint64_t> words);
  [[nodiscard]] std::size_t size() const { return size_; }

 private:
  static constexpr std::uint32_t nobody = ~0U;

  [[nodiscard]] std::uint64_t hash(std::uint64_t place, std::span<const std::uint64_t> words) const;
  [[nodiscard]] bool same_key(
      std::uint32_t at, std::uint64_t place, std::span<const std::uint64_t> words) const;
  [[nodiscard]] bool dominates(std::uint32_t at, std::span<const std::uint64_t> words) const;
  [[nodiscard]] const std::uint64_t* entry(std::uint32_t at) const { return &store_[at * stride_]; }
  void grow();

  std::size_t set_words_, count_words_, stride_;
  std::size_t size_ = 0;
  std::size_t keys_ = 0;
  std::vector<std::uint64_t> store_;  // place, next of the same key, set, counts
  std::vector<std::uint32_t> table_;  // open addressing: first of a key
};

}  // namespace atomix::checker
