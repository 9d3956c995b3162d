// SPDX-License-Identifier: Apache-2.0
/// \file Counts of durations in log-linear buckets: each power of two is split into 64 equal ones,
/// so that a quantile is off by less than 1.6 %.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <vector>

namespace atomix::tools {

class histogram {
 public:
  /// Units: nanoseconds.
  void add(std::uint64_t duration) {
    ++counts_[bucket_of(duration)];
    ++count_;
    largest_ = std::max(largest_, duration);
  }
  void add(const histogram& other) {
    for (std::size_t i = 0; i < counts_.size(); ++i)
      counts_[i] += other.counts_[i];
    count_ += other.count_;
    largest_ = std::max(largest_, other.largest_);
  }

  [[nodiscard]] std::uint64_t count() const { return count_; }
  [[nodiscard]] std::uint64_t largest() const { return largest_; }
  /// The middle of the bucket in which the `q`-th part of all durations ends; 0 if there is none.
  [[nodiscard]] std::uint64_t quantile(double q) const {
    const auto wanted = static_cast<std::uint64_t>(q * static_cast<double>(count_));
    std::uint64_t seen = 0;
    for (std::size_t i = 0; i < counts_.size(); ++i) {
      seen += counts_[i];
      if (seen > wanted) return std::min(middle_of(i), largest_);
    }
    return largest_;
  }

 private:
  static constexpr unsigned split_bits = 6;
  static constexpr std::uint64_t split = 1U << split_bits;

  static std::size_t bucket_of(std::uint64_t v) {
    if (v < split) return v;
    const auto power = static_cast<unsigned>(std::bit_width(v)) - 1 - split_bits;
    return power * split + (v >> power);
  }
  static std::uint64_t middle_of(std::size_t bucket) {
    if (bucket < 2 * split) return bucket;
    const auto power = bucket / split - 1;
    const std::uint64_t low = (bucket - power * split) << power;
    return low + ((std::uint64_t{1} << power) / 2);
  }

  std::vector<std::uint64_t> counts_ = std::vector<std::uint64_t>((64 - split_bits + 1) * split);
  std::uint64_t count_ = 0;
  std::uint64_t largest_ = 0;
};

}  // namespace atomix::tools
