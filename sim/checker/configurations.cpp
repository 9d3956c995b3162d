// SPDX-License-Identifier: Apache-2.0
#include "sim/checker/configurations.hpp"

#include <algorithm>

namespace atomix::checker {

configurations::configurations(std::size_t set_words, std::size_t count_words)
    : set_words_(set_words),
      count_words_(count_words),
      stride_(2 + set_words + count_words),
      table_(256, nobody) {}

std::uint64_t configurations::hash(
    std::uint64_t place, std::span<const std::uint64_t> words) const {
  std::uint64_t h = place * 0x9e3779b97f4a7c15ULL;
  for (std::size_t i = 0; i < set_words_; ++i) {
    h = (h ^ (h >> 29U) ^ words[i]) * 0xbf58476d1ce4e5b9ULL;
  }
  return h ^ (h >> 32U);
}

bool configurations::same_key(
    std::uint32_t at, std::uint64_t place, std::span<const std::uint64_t> words) const {
  const std::uint64_t* e = entry(at);
  return e[0] == place && std::equal(e + 2, e + 2 + set_words_, words.begin());
}

bool configurations::dominates(std::uint32_t at, std::span<const std::uint64_t> words) const {
  const std::uint64_t* mine = entry(at) + 2 + set_words_;
  for (std::size_t i = 0; i < count_words_; ++i) {
    const std::uint64_t other = words[set_words_ + i];
    for (unsigned shift = 0; shift < 64; shift += 16)
      if (((mine[i] >> shift) & 0xffffU) > ((other >> shift) & 0xffffU)) return false;
  }
  return true;
}

bool configurations::visit(std::uint64_t place, std::span<const std::uint64_t> words) {
  const std::size_t mask = table_.size() - 1;
  std::size_t i = hash(place, words) & mask;
  while (table_[i] != nobody && !same_key(table_[i], place, words))
    i = (i + 1) & mask;
  for (std::uint32_t at = table_[i]; at != nobody; at = static_cast<std::uint32_t>(entry(at)[1]))
    if (dominates(at, words)) return false;
  if (table_[i] == nobody) ++keys_;
  store_.push_back(place);
  store_.push_back(table_[i]);
  store_.insert(store_.end(), words.begin(), words.end());
  table_[i] = static_cast<std::uint32_t>(size_++);
  if (keys_ * 2 > table_.size()) grow();
  return true;
}

void configurations::grow() {
  std::vector<std::uint32_t> old(table_.size() * 4, nobody);
  old.swap(table_);
  const std::size_t mask = table_.size() - 1;
  for (const std::uint32_t at : old) {
    if (at == nobody) continue;
    const std::uint64_t* e = entry(at);
    std::size_t i = hash(e[0], {e + 2, set_words_ + count_words_}) & mask;
    while (table_[i] != nobody)
      i = (i + 1) & mask;
    table_[i] = at;
  }
}

}  // namespace atomix::checker
