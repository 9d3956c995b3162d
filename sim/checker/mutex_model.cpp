// SPDX-License-Identifier: Apache-2.0
#include "sim/checker/cat.hpp"
#include "sim/checker/models.hpp"

#include <algorithm>

namespace atomix::checker {
namespace {

class mutex_model final : public model {
 public:
  [[nodiscard]] std::string_view name() const override { return "mutex"; }
  [[nodiscard]] absl::Status accepts(const operation& op) const override {
    if (op.f == "acquire" || op.f == "release") return absl::OkStatus();
    return unknown_operation(op, name(), "acquire and release");
  }
  [[nodiscard]] value initial() const override { return value{false}; }
  [[nodiscard]] bool observes(const operation&) const override { return false; }
  [[nodiscard]] std::optional<value> step(const value& state, const operation& op) override {
    const bool held = state == value{true};
    if (held == (op.f == "acquire")) return std::nullopt;
    return value{!held};
  }
  // Between two acquisitions lies a release, and the other way round: so it is enough to count.
  [[nodiscard]] std::optional<finding> screen(const part& p) const override {
    if (auto found = count(p, "acquire", "release", 1)) {
      found->sentence =
          cat("There are two holders: ",
              describe(p.whole->operations[found->number]),
              " succeeded before ",
              found->sentence);
      return found;
    }
    if (auto found = count(p, "release", "acquire", 0)) {
      found->sentence =
          cat("Nobody held the mutex: ",
              describe(p.whole->operations[found->number]),
              " succeeded before ",
              found->sentence);
      return found;
    }
    return std::nullopt;
  }
  [[nodiscard]] std::string show(const value& state) const override {
    return state == value{true} ? "the mutex is held" : "the mutex is free";
  }

 private:
  // The first of the operations `f` that returned although not enough of the `others` were called:
  // the first n need n - `free` of them.
  static std::optional<finding> count(
      const part& p, std::string_view f, std::string_view others, std::size_t free) {
    std::vector<std::size_t> returns;
    std::vector<std::size_t> calls;
    std::vector<std::pair<std::size_t, std::size_t>> by_return;
    for (std::size_t i = 0; i < p.size(); ++i) {
      const operation& op = p.at(i);
      if (op.f == others) calls.push_back(op.call);
      if (op.f == f && op.known == certainty::ok) by_return.emplace_back(op.ret, p.numbers[i]);
    }
    std::sort(by_return.begin(), by_return.end());
    for (std::size_t n = 0; n < by_return.size(); ++n) {
      const auto called = static_cast<std::size_t>(
          std::lower_bound(calls.begin(), calls.end(), by_return[n].first) - calls.begin());
      if (called + free >= n + 1) continue;
      return finding{
          by_return[n].second,
          called == 0 ? cat("any ", others, " had been called.")
                      : cat(
                          "more than ",
                          called,
                          " of the ",
                          n + 1 - free,
                          " ",
                          others,
                          "s that must come before it had been called.")};
    }
    return std::nullopt;
  }
};

}  // namespace

model_ptr make_mutex_model() {
  return std::make_unique<mutex_model>();
}

}  // namespace atomix::checker
