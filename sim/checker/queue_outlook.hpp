// SPDX-License-Identifier: Apache-2.0
/// \file What dequeues say about the order in which a queue was filled: spares the search of the
/// queue model most of its wrong ways. About values that are put in and taken out once.
#pragma once

#include "sim/checker/model.hpp"

#include <cstddef>
#include <map>
#include <vector>

namespace atomix::checker {

class queue_outlook {
 public:
  queue_outlook() = default;
  queue_outlook(const part& p, const value& initial);

  /// Stands for items that no dequeue is known to have returned: nobody can tell them apart.
  static const value untaken;
  [[nodiscard]] const value& stored(const value& v) const;
  /// What it puts in cannot be behind these items, or nobody would miss it.
  [[nodiscard]] bool refuses(const std::vector<value>& items, const operation& enqueue) const;
  /// What is taken out first is best put in first, and what nobody takes last.
  [[nodiscard]] std::size_t rank(const operation& op) const;
  /// The item in front is for a dequeue whose answer is known.
  [[nodiscard]] bool promised(const value& front) const;
  /// Something that is not in yet would have to leave before one of the items, or somebody who
  /// found the queue empty cannot have: an item leaves only later.
  [[nodiscard]] bool refutes(const std::vector<value>& items, const outlook& now) const;

 private:
  struct passage_times {
    std::size_t ins = 0;
    std::size_t outs = 0;
    std::size_t in_call = operation::never;
    std::size_t out_call = operation::never;
    std::size_t out_ret = operation::never;
    [[nodiscard]] bool once() const { return ins == 1 && outs <= 1; }
  };

  using passages = std::vector<const passage_times*>;

  [[nodiscard]] const passage_times* find(const value& v) const;
  [[nodiscard]] bool overtaken(const passages& inside, const outlook& now) const;
  [[nodiscard]] bool never_empty(const passages& inside, bool stays, const outlook& now) const;

  bool studied_ = false;
  std::vector<std::size_t> lost_dequeues_;  // their calls
  std::map<value, passage_times> passages_;
  passages by_return_;  // those that are taken out once
  passages enters_;     // by position in the part: what the enqueue puts in, or null
  std::vector<std::size_t> empty_until_;  // by position: the return, if it found nothing; else 0
};

}  // namespace atomix::checker
