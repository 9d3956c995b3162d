// SPDX-License-Identifier: Apache-2.0
#include "sim/checker/cat.hpp"
#include "sim/checker/models.hpp"
#include "sim/checker/set_outlook.hpp"

#include <algorithm>
#include <map>

namespace atomix::checker {
namespace {

// An item that is written more than once: no set was read.
const value* repeated(const value& v) {
  const auto* items = v.items();
  if (items == nullptr) return nullptr;
  std::vector<const value*> sorted;
  for (const value& item : *items)
    sorted.push_back(&item);
  std::sort(sorted.begin(), sorted.end(), [](const value* a, const value* b) { return *a < *b; });
  const auto twice = std::adjacent_find(
      sorted.begin(), sorted.end(), [](const value* a, const value* b) { return *a == *b; });
  return twice == sorted.end() ? nullptr : *twice;
}

bool has(const value& set, const value& item) {
  return set.find(item) != nullptr;
}

// What is known of one item: enough to refute a read.
struct fate {
  std::size_t first_call = operation::never;    // of the adds
  std::size_t first_return = operation::never;  // of the adds that certainly happened
  bool removed = false;                         // somebody tries to
};

class set_model final : public model {
 public:
  explicit set_model(value initial) : initial_(std::move(initial)) {}

  [[nodiscard]] std::string_view name() const override { return "set"; }
  [[nodiscard]] absl::Status accepts(const operation& op) const override {
    if (op.f == "add" || op.f == "remove" || op.f == "contains") return absl::OkStatus();
    if (op.f != "read") return unknown_operation(op, name(), "add, remove, contains and read");
    if (op.known != certainty::ok || as_set(op.result)) return absl::OkStatus();
    return absl::InvalidArgumentError(
        cat("'read' needs a set as its result, not ", to_text(op.result), "."));
  }
  [[nodiscard]] value initial() const override { return initial_; }
  [[nodiscard]] bool observes(const operation& op) const override {
    return op.f == "read" || op.f == "contains";
  }
  // A read of the whole sees all items at one moment: then nothing divides.
  [[nodiscard]] bool divides() const override { return true; }
  [[nodiscard]] std::vector<value> touches(const operation& op) const override {
    if (op.f == "read") return {};
    return {op.argument};
  }
  [[nodiscard]] std::optional<value> step(const value& state, const operation& op) override {
    const bool ok = op.known == certainty::ok;
    if (op.f == "read") {
      if (!ok || unobserved(op.result)) return state;
      if (as_set(op.result) == state && repeated(op.result) == nullptr) return state;
      return std::nullopt;
    }
    const bool present = has(state, op.argument);
    const auto* told = ok ? op.result.as<bool>() : nullptr;
    if (op.f == "contains") {
      if (told == nullptr || *told == present) return state;
      return std::nullopt;
    }
    const bool changes = present == (op.f == "remove");
    if (told != nullptr && *told != changes && op.argument != op.result) return std::nullopt;
    return changes ? changed(state, op.argument, !present) : state;
  }
  [[nodiscard]] std::optional<finding> screen(const part& p) const override {
    const std::map<value, fate> fates = fates_of(p);
    for (std::size_t i = 0; i < p.size(); ++i) {
      const operation& op = p.at(i);
      if (op.f != "read" || op.known != certainty::ok || unobserved(op.result)) continue;
      if (const value* item = repeated(op.result)) {
        return finding{
            p.numbers[i],
            cat("The ", describe(op), " has ", to_text(*item), " more than once: no set has.")};
      }
      const value seen = *as_set(op.result);
      for (const auto& [item, nothing] : seen.as<dictionary>()->entries) {
        const auto known = fates.find(item);
        if (has(initial_, item) || (known != fates.end() && known->second.first_call < op.ret))
          continue;
        return finding{
            p.numbers[i],
            cat("The ",
                describe(op),
                " has ",
                to_text(item),
                ", which nobody ",
                known == fates.end() ? "ever added." : "had begun to add before it returned.")};
      }
      for (const auto& [item, f] : fates) {
        if (f.removed || f.first_return >= op.call || has(seen, item)) continue;
        return finding{
            p.numbers[i],
            cat("The ",
                describe(op),
                " lacks ",
                to_text(item),
                ", which was added and acknowledged before it began, and nobody removed it.")};
      }
    }
    return std::nullopt;
  }

  [[nodiscard]] std::optional<decision> decide(const part& p) const override {
    const growing_set growing{p, initial_, [this](const value& v) {
                                return unobserved(v);
                              }};
    return growing.decide();
  }
  void study(const part& p) override {
    outlook_ = set_outlook{p, [this](const value& v) {
                             return unobserved(v);
                           }};
  }
  [[nodiscard]] bool hopeless(const value& state, const outlook& now) const override {
    return outlook_.refutes(state, now.position);
  }

 private:
  static value changed(const value& state, const value& item, bool present) {
    value next = state;
    auto& entries = next.as<dictionary>()->entries;
    const auto before = [](const auto& entry, const value& k) {
      return entry.first < k;
    };
    const auto i = std::lower_bound(entries.begin(), entries.end(), item, before);
    if (present) {
      entries.insert(i, {item, value{}});
    } else {
      entries.erase(i);
    }
    return next;
  }
  static std::map<value, fate> fates_of(const part& p) {
    std::map<value, fate> fates;
    for (std::size_t i = 0; i < p.size(); ++i) {
      const operation& op = p.at(i);
      if (op.f == "remove") fates[op.argument].removed = true;
      if (op.f != "add") continue;
      fate& f = fates[op.argument];
      f.first_call = std::min(f.first_call, op.call);
      f.first_return = std::min(f.first_return, op.ret);
    }
    return fates;
  }

  value initial_;
  set_outlook outlook_;
};

}  // namespace

model_ptr make_set_model(const std::optional<value>& initial) {
  std::optional<value> first = as_set(initial.value_or(value{}));
  return first ? std::make_unique<set_model>(*std::move(first)) : nullptr;
}

}  // namespace atomix::checker
