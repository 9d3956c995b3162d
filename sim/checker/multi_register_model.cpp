// SPDX-License-Identifier: Apache-2.0
#include "sim/checker/models.hpp"

#include <algorithm>

namespace atomix::checker {
namespace {

// In JSON there are only texts.
bool is_one_of(const value& v, std::string_view name, std::string_view letter) {
  const auto* text = v.as<std::string>();
  const std::string_view word = text == nullptr ? std::string_view{} : *text;
  return word == name || word == letter || v.is_word(name) || v.is_word(letter);
}

bool is_micro(const value& v) {
  const auto* items = v.items();
  if (items == nullptr || items->size() != 3) return false;
  const value& f = items->front();
  return is_one_of(f, "read", "r") || is_one_of(f, "write", "w");
}
bool is_read(const std::vector<value>& micro) {
  return is_one_of(micro[0], "read", "r");
}

// Several registers, read and written together. The state is a map of those that were written.
class multi_register_model final : public model {
 public:
  /// `others`: what a register holds that `initial` does not name.
  multi_register_model(value initial, value others)
      : initial_(std::move(initial)), others_(std::move(others)) {}

  [[nodiscard]] std::string_view name() const override { return "multi-register"; }
  [[nodiscard]] absl::Status accepts(const operation& op) const override {
    if (op.f != "txn" && op.f != "read" && op.f != "write")
      return unknown_operation(op, name(), "txn, read and write");
    const auto* items = op.argument.items();
    if (items == nullptr || !std::all_of(items->begin(), items->end(), is_micro))
      return wrong_argument(op, "a list such as [[:read :x nil] [:write :y 1]]");
    const auto* results = op.result.items();
    if (op.known == certainty::ok
        && (results == nullptr || results->size() != items->size()
            || !std::all_of(results->begin(), results->end(), is_micro))) {
      return absl::InvalidArgumentError(
          "'" + op.f + "' needs a result of the same shape as its argument, not "
          + to_text(op.result) + ".");
    }
    return absl::OkStatus();
  }
  [[nodiscard]] value initial() const override { return initial_; }
  [[nodiscard]] bool observes(const operation& op) const override {
    const auto& items = *op.argument.items();
    return std::all_of(
        items.begin(), items.end(), [](const value& v) { return is_read(*v.items()); });
  }
  [[nodiscard]] bool divides() const override { return true; }
  [[nodiscard]] std::vector<value> touches(const operation& op) const override {
    std::vector<value> keys;
    for (const value& micro : *op.argument.items())
      keys.push_back((*micro.items())[1]);
    return keys;
  }
  [[nodiscard]] std::optional<value> step(const value& state, const operation& op) override {
    value next = state;
    const bool ok = op.known == certainty::ok;
    for (const value& v : ok ? *op.result.items() : *op.argument.items()) {
      const auto& micro = *v.items();
      const value* held = next.find(micro[1]);
      if (!is_read(micro)) {
        write(next, micro[1], micro[2]);
      } else if (ok && !unobserved(micro[2]) && micro[2] != (held == nullptr ? others_ : *held)) {
        return std::nullopt;
      }
    }
    return next;
  }

 private:
  static void write(value& state, const value& key, const value& content) {
    auto& entries = state.as<dictionary>()->entries;
    const auto before = [](const auto& entry, const value& k) {
      return entry.first < k;
    };
    const auto i = std::lower_bound(entries.begin(), entries.end(), key, before);
    if (i != entries.end() && i->first == key) {
      i->second = content;
    } else {
      entries.insert(i, {key, content});
    }
  }

  value initial_;
  value others_;
};

}  // namespace

model_ptr make_multi_register_model(const std::optional<value>& initial) {
  value first = initial.value_or(value::map_of({}));
  const auto* map = first.as<dictionary>();
  // A map says what each register holds at first, anything else what all of them do.
  if (map == nullptr || map->is_set)
    return std::make_unique<multi_register_model>(value::map_of({}), std::move(first));
  return std::make_unique<multi_register_model>(std::move(first), value{});
}

}  // namespace atomix::checker
