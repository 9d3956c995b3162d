// SPDX-License-Identifier: Apache-2.0
#include "sim/checker/timeline.hpp"

#include <algorithm>
#include <utility>

namespace atomix::checker {
namespace {

// Whoever returns earlier stands first.
void insert_by_return(const part& p, std::vector<open_operation>& open, open_operation fresh) {
  const auto earlier = [&p](const open_operation& a, const open_operation& b) {
    return p.at(a.number).ret < p.at(b.number).ret;
  };
  open.insert(std::lower_bound(open.begin(), open.end(), fresh, earlier), fresh);
}

}  // namespace

timeline::timeline(const model& m, const part& p, const transitions& t) {
  std::vector<std::pair<std::size_t, std::uint32_t>> by_return;
  std::vector<std::size_t> ranks;
  std::vector<std::uint32_t> class_at(t.class_count(), ~0U);
  for (std::size_t i = 0; i < p.size(); ++i) {
    const auto number = static_cast<std::uint32_t>(i);
    ranks.push_back(m.rank(p.at(i)));
    if (p.at(i).ret != operation::never) {
      by_return.emplace_back(p.at(i).ret, number);
      continue;
    }
    std::uint32_t& at = class_at[t.class_of(i)];
    if (at == ~0U) {
      at = static_cast<std::uint32_t>(endless_.size());
      endless_.push_back({t.class_of(i), {}});
    }
    endless_[at].numbers.push_back(number);
  }
  std::sort(by_return.begin(), by_return.end());
  std::vector<open_operation> open;
  std::vector<std::uint32_t> free_slots;
  std::size_t next_call = 0;
  for (const auto& [position, number] : by_return) {
    for (; next_call < p.size() && p.at(next_call).call < position; ++next_call) {
      if (p.at(next_call).ret == operation::never) continue;
      if (free_slots.empty()) free_slots.push_back(static_cast<std::uint32_t>(slots_++));
      const std::uint32_t slot = free_slots.back();
      free_slots.pop_back();
      insert_by_return(
          p,
          open,
          {static_cast<std::uint32_t>(next_call),
           slot,
           t.class_of(next_call),
           m.observes(p.at(next_call)),
           slot});
    }
    add_return(open, position);
    add_tries(ranks);
    free_slots.push_back(open.front().slot);
    open.erase(open.begin());
  }
}

void timeline::add_tries(const std::vector<std::size_t>& ranks) {
  const std::size_t begin = begins_[begins_.size() - 2];
  for (std::size_t i = begin; i < open_.size(); ++i)
    tries_.push_back(static_cast<std::uint32_t>(i - begin));
  std::stable_sort(
      tries_.begin() + static_cast<std::ptrdiff_t>(begin),
      tries_.end(),
      [&](std::uint32_t a, std::uint32_t b) {
        return ranks[open_[begin + a].number] < ranks[open_[begin + b].number];
      });
}

void timeline::add_return(std::vector<open_operation>& open, std::size_t position) {
  returns_.push_back(position);
  for (std::size_t i = 0; i < open.size(); ++i) {
    open[i].alike_slot = open[i].slot;
    for (std::size_t j = 0; j < i; ++j)
      if (open[j].kind == open[i].kind) open[i].alike_slot = open[j].slot;
    open_.push_back(open[i]);
  }
  begins_.push_back(open_.size());
}

}  // namespace atomix::checker
