// SPDX-License-Identifier: Apache-2.0
#include "sim/checker/register_screen.hpp"

#include "sim/checker/cat.hpp"

#include <absl/container/flat_hash_map.h>

#include <algorithm>
#include <cstdint>

namespace atomix::checker {
namespace {

constexpr std::uint32_t none = ~0U;

struct setter {
  const operation* op;
  std::uint32_t value_id;
};

class register_screen {
 public:
  register_screen(const history& h, const register_view& view) : history_(h), view_(view) {}

  std::optional<finding> look() {
    const std::uint32_t first = number_of(*view_.initial);
    for (const register_access& a : view_.accesses)
      if (a.sets != nullptr) setters_.push_back({&op(a), number_of(*a.sets)});
    by_call_.resize(values_.size());
    for (const setter& s : setters_)
      by_call_[s.value_id].push_back(s.op);
    sort_certain();
    for (const register_access& a : view_.accesses) {
      if (a.sees == nullptr) continue;
      if (auto found = look_at(a, first)) return found;
    }
    return std::nullopt;
  }

 private:
  [[nodiscard]] const operation& op(const register_access& a) const {
    return history_.operations[a.number];
  }

  std::uint32_t number_of(const value& v) {
    const auto n = static_cast<std::uint32_t>(values_.size());
    const auto [i, fresh] = ids_.try_emplace(hash_of(v), n);
    if (fresh) values_.push_back(&v);
    // Two values with one hash: the second gets no number of its own, see `find`.
    return *values_[i->second] == v ? i->second : add_twin(v);
  }
  std::uint32_t add_twin(const value& v) {
    for (std::uint32_t i = 0; i < values_.size(); ++i)
      if (*values_[i] == v) return i;
    values_.push_back(&v);
    return static_cast<std::uint32_t>(values_.size() - 1);
  }
  [[nodiscard]] std::uint32_t find(const value& v) const {
    const auto i = ids_.find(hash_of(v));
    if (i == ids_.end()) return none;
    if (*values_[i->second] == v) return i->second;
    for (std::uint32_t k = 0; k < values_.size(); ++k)
      if (*values_[k] == v) return k;
    return none;
  }

  // For each moment, the certain set that began last among those that ended by then, and the one
  // that began last among those of another value.
  void sort_certain() {
    for (const setter& s : setters_)
      if (s.op->known == certainty::ok) certain_.push_back({s, s, s.op->ret, false});
    std::sort(certain_.begin(), certain_.end(), [](const latest& a, const latest& b) {
      return a.ret < b.ret;
    });
    for (std::size_t i = 1; i < certain_.size(); ++i)
      certain_[i].merge(certain_[i - 1]);
  }

  [[nodiscard]] std::optional<finding> look_at(
      const register_access& a, std::uint32_t first) const {
    const operation& reader = op(a);
    const std::uint32_t id = find(*a.sees);
    if (id == none) return say(a, "nobody ever wrote it.");
    // When could the value have been set at the latest, and by when at the earliest?
    bool possible = id == first;
    std::size_t last_return = 0;
    const operation* last = nullptr;
    for (const operation* s : by_call_[id]) {
      if (s->call > reader.ret) break;
      if (s == &reader) continue;
      possible = true;
      last = s;
      last_return = std::max(last_return, s->ret);
    }
    if (!possible && by_call_[id].empty()) return say(a, "nobody ever wrote it.");
    if (!possible && by_call_[id].front() == &reader)
      return say(a, "nobody else wrote it by then.");
    if (!possible) return say(a, "nobody had begun to write it before it returned.");
    const operation* replaced = replacement(reader, id);
    if (replaced == nullptr || replaced->call < last_return) return std::nullopt;
    auto found =
        say(a,
            cat(describe(*replaced),
                " was acknowledged before it began, and nobody wrote ",
                to_text(*a.sees),
                " after that."));
    found.others.push_back(history_.number_of(*replaced));
    if (last != nullptr) found.others.push_back(history_.number_of(*last));
    return found;
  }

  // The certain set of another value that began last of those that ended before `reader` began.
  [[nodiscard]] const operation* replacement(const operation& reader, std::uint32_t id) const {
    const auto i = std::lower_bound(
        certain_.begin(), certain_.end(), reader.call, [](const latest& l, std::size_t at) {
          return l.ret < at;
        });
    if (i == certain_.begin()) return nullptr;
    const latest& l = *std::prev(i);
    if (l.best.value_id != id) return l.best.op;
    return l.has_other ? l.other.op : nullptr;
  }

  [[nodiscard]] finding say(const register_access& a, std::string_view why) const {
    return finding{
        a.number, cat("The ", describe(op(a)), " cannot have seen ", to_text(*a.sees), ": ", why)};
  }

  struct latest {
    setter best;   // began last
    setter other;  // began last of those with another value than `best`, if `has_other`
    std::size_t ret;
    bool has_other;

    void merge(const latest& earlier) {
      consider(earlier.best);
      if (earlier.has_other) consider(earlier.other);
    }
    void consider(const setter& s) {
      if (s.value_id == best.value_id) {
        if (s.op->call > best.op->call) best = s;
      } else if (s.op->call > best.op->call) {
        other = best;
        best = s;
        has_other = true;
      } else if (!has_other || s.op->call > other.op->call) {
        other = s;
        has_other = true;
      }
    }
  };

  const history& history_;
  const register_view& view_;
  absl::flat_hash_map<std::uint64_t, std::uint32_t> ids_;
  std::vector<const value*> values_;
  std::vector<setter> setters_;
  std::vector<std::vector<const operation*>> by_call_;
  std::vector<latest> certain_;
};

}  // namespace

std::optional<finding> screen_register(const history& h, const register_view& view) {
  return register_screen{h, view}.look();
}

}  // namespace atomix::checker
