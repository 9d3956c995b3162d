// SPDX-License-Identifier: Apache-2.0
#include "raft/core/log_view.hpp"

#include "raft/base/check.hpp"

#include <algorithm>
#include <utility>

namespace atomix::raft {

log_view::log_view(std::vector<entry> recovered) {
  for (entry& e : recovered)
    append(std::move(e));
  durable_ = last_.index;
}

log_time log_view::last_time() const {
  return cache_.empty() ? log_time{} : cache_.back().time;
}

term_t log_view::term_at(index_t index) const {
  if (index.is_none() || index > last_.index) return term_t{};
  // The last run is asked for nearly always.
  if (index >= runs_.back().first) return runs_.back().term;
  const auto behind = std::upper_bound(
      runs_.begin(), runs_.end(), index, [](index_t i, const run& r) { return i < r.first; });
  return std::prev(behind)->term;
}

bool log_view::holds(entry_id id) const {
  if (id.index.is_none()) return id.term.is_none();
  return !id.term.is_none() && term_at(id.index) == id.term;
}

entry_id log_view::last_within(entry_id bound) const {
  index_t index = std::min(bound.index, last_.index);
  for (auto r = runs_.rbegin(); r != runs_.rend(); ++r) {
    if (r->first <= index && r->term <= bound.term) return {r->term, index};
    index = std::min(index, r->first.previous());
  }
  return {};
}

const entry& log_view::at(index_t index) const {
  ATOMIX_CHECK(
      index >= first_cached_ && index <= last_.index, "an entry that is asked for is in memory");
  return cache_[index.value() - first_cached_.value()];
}

std::vector<entry> log_view::slice(index_t from, std::size_t bytes_max) const {
  std::vector<entry> entries;
  if (from > last_.index) return entries;
  ATOMIX_CHECK(from >= first_cached_, "entries that are sent are in memory");
  const std::size_t begin = from.value() - first_cached_.value();
  std::size_t bytes = cost(cache_[begin]);
  std::size_t end = begin + 1;
  while (end < cache_.size() && bytes + cost(cache_[end]) <= bytes_max) {
    bytes += cost(cache_[end++]);
  }
  const auto first = cache_.begin();
  entries.assign(
      first + static_cast<std::ptrdiff_t>(begin), first + static_cast<std::ptrdiff_t>(end));
  return entries;
}

void log_view::append(entry e) {
  ATOMIX_CHECK(e.id.index == last_.index.next(), "the log has no gaps");
  ATOMIX_CHECK(e.id.term >= last_.term, "terms never go back along the log");
  if (e.id.term > last_.term) runs_.push_back({e.id.index, e.id.term});
  last_ = e.id;
  cache_bytes_ += cost(e);
  cache_.push_back(std::move(e));
}

void log_view::truncate(index_t from) {
  ATOMIX_CHECK(from >= first_cached_, "only entries in memory are replaced");
  while (last_.index >= from && !cache_.empty()) {
    cache_bytes_ -= cost(cache_.back());
    cache_.pop_back();
    last_.index = last_.index.previous();
  }
  while (!runs_.empty() && runs_.back().first > last_.index)
    runs_.pop_back();
  last_.term = runs_.empty() ? term_t{} : runs_.back().term;
  durable_ = std::min(durable_, last_.index);
}

void log_view::note_saved(entry_id last) {
  if (holds(last)) durable_ = std::max(durable_, last.index);
}

void log_view::trim(index_t applied, std::size_t bytes_max) {
  const index_t keep = std::min(applied, durable_);
  while (cache_bytes_ > bytes_max && first_cached_ < keep) {
    cache_bytes_ -= cost(cache_.front());
    cache_.pop_front();
    first_cached_ = first_cached_.next();
  }
}

}  // namespace atomix::raft
