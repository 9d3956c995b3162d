// SPDX-License-Identifier: Apache-2.0
#include "sim/checker/set_outlook.hpp"

#include "sim/checker/cat.hpp"

#include <algorithm>
#include <utility>

namespace atomix::checker {
namespace {

std::size_t size_of(const value& set) {
  return set.as<dictionary>()->entries.size();
}

// An item of `a` that `b` lacks.
const value* lacking(const value& a, const value& b) {
  for (const auto& [item, nothing] : a.as<dictionary>()->entries)
    if (b.find(item) == nullptr) return &item;
  return nullptr;
}

}  // namespace

std::optional<value> as_set(const value& v) {
  if (v.is_nil()) return value::set_of({});
  if (const auto* items = v.items()) return value::set_of(*items);
  const auto* d = v.as<dictionary>();
  return d != nullptr && d->is_set ? std::optional{v} : std::nullopt;
}

std::optional<std::map<value, std::size_t>> growing_set::adds() const {
  std::map<value, std::size_t> adds;
  for (std::size_t i = 0; i < part_.size(); ++i) {
    const operation& op = part_.at(i);
    if (op.f == "read") continue;
    const bool tells = op.known == certainty::ok && op.result == value{false};
    if (op.f != "add" || tells || initial_.find(op.argument) != nullptr) return std::nullopt;
    if (!adds.try_emplace(op.argument, i).second) return std::nullopt;
  }
  return adds;
}

std::vector<growing_set::seen_set> growing_set::reads() const {
  std::vector<seen_set> reads;
  for (std::size_t i = 0; i < part_.size(); ++i) {
    const operation& op = part_.at(i);
    if (op.f == "read" && op.known == certainty::ok && !nothing_(op.result))
      reads.push_back({i, *as_set(op.result)});
  }
  std::stable_sort(reads.begin(), reads.end(), [](const seen_set& a, const seen_set& b) {
    return size_of(a.items) < size_of(b.items);
  });
  return reads;
}

std::optional<finding> growing_set::outside_chain(const std::vector<seen_set>& reads) const {
  const value* smaller = &initial_;
  std::size_t by = part_.size();
  for (const seen_set& r : reads) {
    const std::string read = cat("The ", describe(part_.at(r.i)));
    if (const value* item = lacking(*smaller, r.items)) {
      return finding{
          part_.numbers[r.i],
          by == part_.size()
              ? cat(read, " lacks ", to_text(*item), ", which was there from the beginning.")
              : cat(
                  read,
                  " lacks ",
                  to_text(*item),
                  ", but has what the ",
                  describe(part_.at(by)),
                  " lacks, and nothing is ever removed.")};
    }
    smaller = &r.items;
    by = r.i;
  }
  return std::nullopt;
}

std::optional<finding> growing_set::out_of_order(const std::vector<placed>& all) const {
  std::size_t latest = part_.size();  // of the layers before: called last
  std::size_t candidate = part_.size();
  for (std::size_t k = 0; k < all.size(); ++k) {
    if (k > 0 && all[k].layer != all[k - 1].layer) latest = candidate;
    const operation& op = part_.at(all[k].i);
    if (latest != part_.size() && op.ret < part_.at(latest).call) {
      return finding{
          part_.numbers[all[k].i],
          cat("The ",
              describe(op),
              " must come after the ",
              describe(part_.at(latest)),
              " by what reads saw, but had returned before that was called.")};
    }
    if (candidate == part_.size() || part_.at(candidate).call < op.call) candidate = all[k].i;
  }
  return std::nullopt;
}

// Reads that say nothing go where nothing is in their way.
std::vector<std::size_t> growing_set::with_silent_reads(const std::vector<placed>& all) const {
  std::vector<std::size_t> order;
  order.reserve(part_.size());
  for (const placed& o : all)
    order.push_back(part_.numbers[o.i]);
  const auto& operations = part_.whole->operations;
  for (std::size_t i = 0; i < part_.size(); ++i) {
    const operation& op = part_.at(i);
    if (op.f != "read" || !nothing_(op.result)) continue;
    const auto later = std::find_if(
        order.begin(), order.end(), [&](std::size_t n) { return operations[n].call > op.ret; });
    order.insert(later, part_.numbers[i]);
  }
  return order;
}

std::optional<decision> growing_set::decide() const {
  const auto added = adds();
  if (!added) return std::nullopt;
  const std::vector<seen_set> seen = reads();
  if (auto found = outside_chain(seen)) return decision{{}, std::move(found)};
  std::vector<placed> all;
  std::map<value, std::size_t> layers;
  std::size_t layer = 0;
  for (std::size_t k = 0; k < seen.size(); ++k) {
    if (k > 0 && size_of(seen[k].items) != size_of(seen[k - 1].items)) layer += 2;
    for (const auto& [item, nothing] : seen[k].items.as<dictionary>()->entries)
      layers.try_emplace(item, layer);
    all.push_back({layer + 1, seen[k].i});
  }
  for (const auto& [item, i] : *added) {
    const auto found = layers.find(item);
    if (found != layers.end()) {
      all.push_back({found->second, i});
    } else if (part_.at(i).known == certainty::ok) {
      all.push_back({layer + 2, i});
    }
  }
  std::sort(all.begin(), all.end(), [this](const placed& a, const placed& b) {
    return std::pair{a.layer, part_.at(a.i).call} < std::pair{b.layer, part_.at(b.i).call};
  });
  if (auto found = out_of_order(all)) return decision{{}, std::move(found)};
  return decision{with_silent_reads(all), std::nullopt};
}

set_outlook::set_outlook(const part& p, const says_nothing& nothing) {
  std::map<value, item_fate> fates;
  for (std::size_t i = 0; i < p.size(); ++i) {
    const operation& op = p.at(i);
    if (op.f == "add") fates[op.argument].adds.push_back({op.call, op.ret});
    if (op.f == "remove") fates[op.argument].removes.push_back({op.call, op.ret});
  }
  for (auto& [item, fate] : fates) {
    fate.item = item;
    fates_.push_back(std::move(fate));
  }
  for (std::size_t i = 0; i < p.size(); ++i) {
    const operation& op = p.at(i);
    if (op.f != "read" || op.known != certainty::ok || nothing(op.result)) continue;
    later_read r{op.call, op.ret, {}};
    const value items = *as_set(op.result);
    for (const item_fate& fate : fates_)
      r.has.push_back(items.find(fate.item) != nullptr);
    reads_.push_back(std::move(r));
  }
}

bool set_outlook::possible(
    const std::vector<change>& changes, std::size_t position, std::size_t before) {
  return std::any_of(changes.begin(), changes.end(), [&](const change& c) {
    return c.ret >= position && c.call < before;
  });
}

bool set_outlook::refutes(const value& state, std::size_t position) const {
  const auto next = std::partition_point(
      reads_.begin(), reads_.end(), [position](const later_read& r) { return r.call <= position; });
  if (next == reads_.end()) return false;
  // The one that returns first leaves the least time.
  const auto first = std::min_element(
      next, reads_.end(), [](const later_read& a, const later_read& b) { return a.ret < b.ret; });
  for (std::size_t k = 0; k < fates_.size(); ++k) {
    const bool there = state.find(fates_[k].item) != nullptr;
    if (there == first->has[k]) continue;
    if (!possible(there ? fates_[k].removes : fates_[k].adds, position, first->ret)) return true;
  }
  return false;
}

}  // namespace atomix::checker
