// SPDX-License-Identifier: Apache-2.0
#include "sim/checker/models.hpp"
#include "sim/checker/register_screen.hpp"

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
    return op.f == "cas" && failed_cas_observes();
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
  [[nodiscard]] std::optional<finding> screen(const part& p) const override {
    register_view view;
    view.initial = &initial_;
    view.accesses.reserve(p.size());
    for (std::size_t i = 0; i < p.size(); ++i)
      if (const auto a = access_by(p.at(i)))
        view.accesses.push_back({p.numbers[i], a->sees, a->sets});
    return screen_register(*p.whole, view);
  }

 private:
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
};

}  // namespace

model_ptr make_register_model(const std::optional<value>& initial, bool cas) {
  return std::make_unique<register_model>(initial.value_or(value{}), cas);
}

}  // namespace atomix::checker
