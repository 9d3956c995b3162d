// SPDX-License-Identifier: Apache-2.0
#include "sim/checker/partition.hpp"

#include "sim/checker/cat.hpp"

#include <map>
#include <numeric>
#include <optional>
#include <utility>

namespace atomix::checker {
namespace {

bool tells(const model& m, const operation& op) {
  switch (op.known) {
    case certainty::ok:
      return true;
    case certainty::failed:
      return m.failed_tells(op);
    case certainty::unknown:
      return !m.observes(op);
  }
  return true;
}

// Sets that grow together (union-find).
class groups {
 public:
  std::size_t add() {
    parents_.push_back(parents_.size());
    return parents_.size() - 1;
  }
  std::size_t root(std::size_t i) {
    while (parents_[i] != i)
      i = parents_[i] = parents_[parents_[i]];
    return i;
  }
  void join(std::size_t a, std::size_t b) { parents_[root(b)] = root(a); }

 private:
  std::vector<std::size_t> parents_;
};

using names = std::map<value, std::size_t>;

std::vector<part> by_key(const history& h, const model& m) {
  std::vector<part> parts;
  std::map<std::optional<value>, std::size_t> known;
  for (std::size_t i = 0; i < h.operations.size(); ++i) {
    const operation& op = h.operations[i];
    if (!tells(m, op)) continue;
    std::size_t at = 0;
    if (!op.key && !parts.empty() && !parts.front().key) {
      at = 0;  // the usual case: one object
    } else {
      const auto [found, fresh] = known.try_emplace(op.key, parts.size());
      at = found->second;
      if (fresh) parts.push_back({&h, op.key, {}});
    }
    parts[at].numbers.push_back(i);
  }
  return parts;
}

// Within one object. Nothing if it does not divide.
std::optional<std::vector<part>> divided(const part& whole, const model& m) {
  groups sets;
  names known;
  std::vector<std::size_t> set_of;
  for (std::size_t i = 0; i < whole.size(); ++i) {
    const std::vector<value> touched = m.touches(whole.at(i));
    if (touched.empty()) return std::nullopt;
    std::optional<std::size_t> mine;
    for (const value& name : touched) {
      const auto [found, fresh] = known.try_emplace(name, 0);
      if (fresh) found->second = sets.add();
      if (mine) sets.join(*mine, found->second);
      mine = found->second;
    }
    set_of.push_back(*mine);
  }
  std::vector<part> parts;
  std::map<std::size_t, std::size_t> part_of;
  for (const auto& [name, set] : known) {
    const auto [found, fresh] = part_of.try_emplace(sets.root(set), parts.size());
    if (fresh) parts.push_back({whole.whole, whole.key ? whole.key : name, {}});
  }
  for (std::size_t i = 0; i < whole.size(); ++i)
    parts[part_of[sets.root(set_of[i])]].numbers.push_back(whole.numbers[i]);
  return parts;
}

}  // namespace

absl::StatusOr<std::vector<part>> partition(const history& h, const model& m) {
  for (const operation& op : h.operations) {
    const absl::Status s = m.accepts(op);
    if (!s.ok()) {
      return absl::InvalidArgumentError(cat(
          h.source.empty() ? "" : h.source + ": ", called_at(op), ": ", std::string{s.message()}));
    }
  }
  std::vector<part> parts = by_key(h, m);
  if (!m.divides()) return parts;
  std::vector<part> smaller;
  for (part& p : parts) {
    if (auto pieces = divided(p, m)) {
      for (part& piece : *pieces)
        smaller.push_back(std::move(piece));
    } else {
      smaller.push_back(std::move(p));
    }
  }
  return smaller;
}

}  // namespace atomix::checker
