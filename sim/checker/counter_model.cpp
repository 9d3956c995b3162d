// SPDX-License-Identifier: Apache-2.0
#include "sim/checker/cat.hpp"
#include "sim/checker/models.hpp"

#include <algorithm>
#include <cstdint>
#include <limits>

namespace atomix::checker {
namespace {

__extension__ using wide = __int128;  // sums of any number of operations

const std::int64_t* as_number(const value& v) {
  return v.as<std::int64_t>();
}

// What the operation adds.
wide delta_of(const operation& op) {
  const auto* n = as_number(op.argument);
  if (op.f == "inc" || op.f == "increment") return n == nullptr ? 1 : *n;
  if (op.f == "dec" || op.f == "decrement") return n == nullptr ? -1 : -wide{*n};
  return n == nullptr ? 0 : *n;
}

// The new value that an add-and-get returned: alone, or as [delta new].
const std::int64_t* sum_of(const operation& op) {
  if (op.f != "add-and-get" || op.known != certainty::ok) return nullptr;
  const auto* pair = op.result.items();
  return as_number(pair != nullptr && pair->size() == 2 ? pair->back() : op.result);
}

class counter_model final : public model {
 public:
  explicit counter_model(std::int64_t initial) : initial_(initial) {}

  [[nodiscard]] std::string_view name() const override { return "counter"; }
  [[nodiscard]] absl::Status accepts(const operation& op) const override {
    if (op.f == "read" || op.f == "inc" || op.f == "increment" || op.f == "dec"
        || op.f == "decrement")
      return absl::OkStatus();
    if (op.f != "add" && op.f != "add-and-get")
      return unknown_operation(op, name(), "add, add-and-get, inc, dec and read");
    return as_number(op.argument) == nullptr ? wrong_argument(op, "a number") : absl::OkStatus();
  }
  [[nodiscard]] value initial() const override { return value{initial_}; }
  [[nodiscard]] bool observes(const operation& op) const override { return op.f == "read"; }
  [[nodiscard]] std::optional<value> step(const value& state, const operation& op) override {
    if (op.f == "read") {
      if (unobserved(op.result) || op.result == state) return state;
      return std::nullopt;
    }
    // As counters of 64 bits do, it wraps around.
    const auto sum = static_cast<std::int64_t>(*as_number(state) + delta_of(op));
    const auto* told = sum_of(op);
    if (told != nullptr && *told != sum) return std::nullopt;
    return value{sum};
  }
  // What was certainly added before a read bounds it from one side, what was perhaps from the
  // other. Where it may have wrapped around there are no bounds.
  [[nodiscard]] std::optional<finding> screen(const part& p) const override {
    std::vector<mark> calls;    // of all that add
    std::vector<mark> returns;  // of those that certainly did
    for (std::size_t i = 0; i < p.size(); ++i) {
      const operation& op = p.at(i);
      if (op.f == "read") continue;
      calls.push_back({op.call, delta_of(op)});
      if (op.known == certainty::ok) returns.push_back({op.ret, delta_of(op)});
    }
    const sums called{std::move(calls)};
    const sums returned{std::move(returns)};
    for (std::size_t i = 0; i < p.size(); ++i) {
      const operation& op = p.at(i);
      const auto* seen = op.f == "read" ? as_number(op.result) : sum_of(op);
      if (op.known != certainty::ok || seen == nullptr) continue;
      const auto [surely_up, surely_down] = returned.before(op.call);
      const auto [perhaps_up, perhaps_down] = called.before(op.ret);
      const wide low = initial_ + surely_up + perhaps_down;
      const wide high = initial_ + perhaps_up + surely_down;
      if (wraps(initial_ + perhaps_down) || wraps(initial_ + perhaps_up)) continue;
      if (*seen >= low && *seen <= high) continue;
      return finding{
          p.numbers[i],
          cat("The ",
              describe(op),
              " is out of bounds: with what was certainly added before it and what was perhaps, "
              "the counter was between ",
              static_cast<std::int64_t>(low),
              " and ",
              static_cast<std::int64_t>(high),
              ".")};
    }
    return std::nullopt;
  }

 private:
  struct mark {
    std::size_t position;
    wide delta;
  };
  static bool wraps(wide sum) {
    using limits = std::numeric_limits<std::int64_t>;
    return sum < limits::min() || sum > limits::max();
  }
  // Sums of the positive and of the negative numbers up to a position.
  class sums {
   public:
    explicit sums(std::vector<mark> marks) : marks_(std::move(marks)) {
      const auto earlier = [](const mark& a, const mark& b) {
        return a.position < b.position;
      };
      std::sort(marks_.begin(), marks_.end(), earlier);
      up_.push_back(0);
      down_.push_back(0);
      for (const mark& m : marks_) {
        up_.push_back(up_.back() + std::max<wide>(m.delta, 0));
        down_.push_back(down_.back() + std::min<wide>(m.delta, 0));
      }
    }
    [[nodiscard]] std::pair<wide, wide> before(std::size_t position) const {
      const auto i = std::lower_bound(
          marks_.begin(), marks_.end(), position, [](const mark& m, std::size_t at) {
            return m.position < at;
          });
      const auto count = static_cast<std::size_t>(i - marks_.begin());
      return {up_[count], down_[count]};
    }

   private:
    std::vector<mark> marks_;
    std::vector<wide> up_, down_;
  };

  std::int64_t initial_;
};

}  // namespace

model_ptr make_counter_model(const std::optional<value>& initial) {
  const value first = initial.value_or(value{0});
  const auto* n = as_number(first);
  return n == nullptr ? nullptr : std::make_unique<counter_model>(*n);
}

}  // namespace atomix::checker
