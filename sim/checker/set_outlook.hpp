// SPDX-License-Identifier: Apache-2.0
/// \file What reads of a whole set say about its items: proofs for the model of sets.
#pragma once

#include "sim/checker/model.hpp"

#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <vector>

namespace atomix::checker {

/// The items of a set, however it is written: as a set, list, vector or nil. Nothing otherwise.
[[nodiscard]] std::optional<value> as_set(const value& v);

/// True for a result of a read that says nothing.
using says_nothing = std::function<bool(const value&)>;

/// Decides sets that only grow, each item added by one operation, as in Jepsen's tests of sets.
/// What the reads saw must grow, too: that puts all operations into layers of which each comes
/// before the next, and within a layer nobody can tell any order. Cost: n log n, and the length of
/// the reads.
class growing_set {
 public:
  growing_set(const part& p, const value& initial, says_nothing nothing)
      : part_(p), initial_(initial), nothing_(std::move(nothing)) {}

  /// Nothing if something may be removed, or added twice.
  [[nodiscard]] std::optional<decision> decide() const;

 private:
  struct placed {
    std::size_t layer;
    std::size_t i;
  };
  struct seen_set {
    std::size_t i;
    value items;
  };

  // By item; nothing if this set is of another kind.
  [[nodiscard]] std::optional<std::map<value, std::size_t>> adds() const;
  [[nodiscard]] std::vector<seen_set> reads() const;  // the smallest first
  [[nodiscard]] std::optional<finding> outside_chain(const std::vector<seen_set>& reads) const;
  [[nodiscard]] std::optional<finding> out_of_order(const std::vector<placed>& all) const;
  [[nodiscard]] std::vector<std::size_t> with_silent_reads(const std::vector<placed>& all) const;

  const part& part_;
  const value& initial_;
  says_nothing nothing_;
};

/// For the search: what later reads ask of a set.
class set_outlook {
 public:
  set_outlook() = default;
  set_outlook(const part& p, const says_nothing& nothing);

  /// A read that is called only after `position` has an item that the state lacks and that nobody
  /// can add by then, or the other way round.
  [[nodiscard]] bool refutes(const value& state, std::size_t position) const;

 private:
  struct change {
    std::size_t call, ret;
  };
  struct item_fate {
    value item;
    std::vector<change> adds, removes;  // by call
  };
  struct later_read {
    std::size_t call, ret;
    std::vector<bool> has;  // by number of the item
  };

  [[nodiscard]] static bool possible(
      const std::vector<change>& changes, std::size_t position, std::size_t before);

  std::vector<item_fate> fates_;   // by item
  std::vector<later_read> reads_;  // by call
};

}  // namespace atomix::checker
