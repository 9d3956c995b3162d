// SPDX-License-Identifier: Apache-2.0
/// \file The log as the core sees it: the terms of all entries, and the newer entries themselves.
/// Storage holds the rest.
#pragma once

#include "raft/core/entry.hpp"

#include <cstdint>
#include <deque>
#include <vector>

namespace atomix::raft {

/// Terms take one record per leader, so `term_at` knows every index at hardly any cost; entries
/// leave memory once they are applied, durable and more than the cache may hold.
class log_view {
 public:
  /// Requires: `recovered` contiguous from index 1. All of it is durable, and all of it is kept
  /// until it is applied.
  explicit log_view(std::vector<entry> recovered);

  [[nodiscard]] entry_id last() const { return last_; }
  [[nodiscard]] log_time last_time() const;
  [[nodiscard]] index_t first_cached() const { return first_cached_; }
  [[nodiscard]] index_t durable() const { return durable_; }

  /// None for index 0 and for what lies behind the last entry.
  [[nodiscard]] term_t term_at(index_t index) const;
  /// Whether the log holds this very entry; it always holds {0, 0}.
  [[nodiscard]] bool holds(entry_id id) const;
  /// The last entry that is neither behind `bound.index` nor of a later term than `bound.term`:
  /// where another log that has `bound` may meet ours (thesis 3.5).
  [[nodiscard]] entry_id last_within(entry_id bound) const;

  /// Requires: `index` is cached.
  [[nodiscard]] const entry& at(index_t index) const;
  /// Entries from `from` on, as many as fit into `bytes_max`, at least one if there is one.
  /// Requires: `from` is cached or right behind the last entry.
  [[nodiscard]] std::vector<entry> slice(index_t from, std::size_t bytes_max) const;

  /// Requires: `e` follows the last entry.
  void append(entry e);
  /// Forgets `from` and everything behind. Requires: `from` and the entry before it are cached.
  void truncate(index_t from);
  /// A save that ended with `last` is durable. Late answers for replaced entries change nothing.
  void note_saved(entry_id last);
  /// Lets go of the oldest entries in memory until at most `bytes_max` remain; keeps everything
  /// from `applied` on, and all that is not durable.
  void trim(index_t applied, std::size_t bytes_max);

  /// What an entry counts for in limits: its data and a little for itself.
  [[nodiscard]] static std::size_t cost(const entry& e) { return e.data.size() + 32; }

 private:
  struct run {
    index_t first;
    term_t term;
  };

  std::vector<run> runs_;    // ascending in both; covers 1 .. last_.index
  std::deque<entry> cache_;  // contiguous: first_cached_ .. last_.index
  index_t first_cached_{1};
  std::size_t cache_bytes_ = 0;
  entry_id last_;
  index_t durable_;
};

}  // namespace atomix::raft
