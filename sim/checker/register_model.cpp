// SPDX-License-Identifier: Apache-2.0
#include "sim/checker/models.hpp"
#include "sim/checker/register_screen.hpp"

#include <algorithm>
#include <cstdint>
#include <map>
#include <vector>

namespace atomix::checker {
namespace {

class register_model final : public model {
 public:
  register_model(value initial, bool cas) : initial_(std::move(initial)), cas_(cas) {}

  [[nodiscard]] std::string_view name() const override {
    return cas_ ? "cas-register" : "register";
  }
  [[nodiscard]] absl::Status accepts(const operation& op) const override {
    if (op.f == "read" || op.f == "write") return absl::OkStatus();
    if (!cas_ || op.f != "cas")
      return unknown_operation(op, name(), cas_ ? "read, write and cas" : "read and write");
    const auto* pair = op.argument.items();
    if (pair == nullptr || pair->size() != 2) return wrong_argument(op, "[from to]");
    return absl::OkStatus();
  }
  [[nodiscard]] value initial() const override { return initial_; }
  [[nodiscard]] bool observes(const operation& op) const override {
    return op.f == "read" || op.known == certainty::failed;
  }
  [[nodiscard]] bool failed_tells(const operation& op) const override {
    return op.f == "cas" && failed_cas_observes()
           && (op.result.is_nil() || op.result == op.argument);
  }
  [[nodiscard]] std::optional<value> step(const value& state, const operation& op) override {
    if (op.f == "write") return op.argument;
    if (op.f == "read") {
      if (unobserved(op.result) || op.result == state) return state;
      return std::nullopt;
    }
    const auto& pair = *op.argument.items();
    const bool matches = state == pair[0];
    if (op.known == certainty::failed) return matches ? std::nullopt : std::optional{state};
    if (matches) return pair[1];
    return std::nullopt;
  }
  void study(const part& p) override {
    ids_.clear();
    sees_.clear();
    sets_.clear();
    setters_.clear();
    returns_.clear();
    for (std::size_t i = 0; i < p.size(); ++i) {
      const auto a = access_by(p.at(i));
      sees_.push_back(a && a->sees != nullptr ? id_of(*a->sees) : nothing);
      sets_.push_back(a && a->sets != nullptr ? id_of(*a->sets) : nothing);
      returns_.push_back(p.at(i).ret);
      if (sets_.back() == nothing) continue;
      setter_times& times = setters_[sets_.back()];
      times.calls.push_back(p.at(i).call);
      if (p.at(i).ret == operation::never && times.first_endless == operation::never)
        times.first_endless = p.at(i).call;
    }
  }
  // Somebody saw a value that the register does not hold, and nobody is left to set it.
  [[nodiscard]] bool hopeless(const value& state, const outlook& now) const override {
    const auto held = ids_.find(state);
    const std::uint32_t holds = held == ids_.end() ? nothing : held->second;
    return std::any_of(now.waiting.begin(), now.waiting.end(), [&](std::uint32_t i) {
      return sees_[i] != nothing && sees_[i] != holds && !can_be_set(i, now);
    });
  }
  [[nodiscard]] std::optional<finding> screen(const part& p) const override {
    register_view view;
    view.initial = &initial_;
    view.accesses.reserve(p.size());
    for (std::size_t i = 0; i < p.size(); ++i) {
      if (const auto a = access_by(p.at(i)))
        view.accesses.push_back({p.numbers[i], a->sees, a->sets});
    }
    return screen_register(*p.whole, view);
  }

 private:
  static constexpr std::uint32_t nothing = ~0U;
  struct setter_times {
    std::vector<std::size_t> calls;
    std::size_t first_endless = operation::never;  // call of the first that never returned
  };

  std::uint32_t id_of(const value& v) {
    const auto [known, fresh] = ids_.try_emplace(v, static_cast<std::uint32_t>(ids_.size()));
    if (fresh) setters_.emplace_back();
    return known->second;
  }
  // What the waiting operation `i` saw can be set before it returns.
  [[nodiscard]] bool can_be_set(std::uint32_t i, const outlook& now) const {
    const auto sets_it = [&](std::uint32_t other) {
      return other != i && sets_[other] == sees_[i];
    };
    if (std::any_of(now.waiting.begin(), now.waiting.end(), sets_it)) return true;
    const setter_times& times = setters_[sees_[i]];
    const auto next = std::upper_bound(times.calls.begin(), times.calls.end(), now.position);
    return (next != times.calls.end() && *next < returns_[i]) || times.first_endless < returns_[i];
  }

  [[nodiscard]] std::optional<register_access> access_by(const operation& op) const {
    const bool ok = op.known == certainty::ok;
    if (op.f == "write") return register_access{0, nullptr, &op.argument};
    if (op.f == "read") {
      if (!ok || unobserved(op.result)) return std::nullopt;
      return register_access{0, &op.result, nullptr};
    }
    if (op.known == certainty::failed) return std::nullopt;
    const auto& pair = *op.argument.items();
    return register_access{0, ok ? pair.data() : nullptr, &pair[1]};
  }

  value initial_;
  bool cas_;
  std::map<value, std::uint32_t> ids_;      // of values that were seen or set
  std::vector<setter_times> setters_;       // by id
  std::vector<std::uint32_t> sees_, sets_;  // ids, by position in the part
  std::vector<std::size_t> returns_;
};

}  // namespace

model_ptr make_register_model(const std::optional<value>& initial, bool cas) {
  return std::make_unique<register_model>(initial.value_or(value{}), cas);
}

}  // namespace atomix::checker
