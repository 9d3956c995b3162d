// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/checker/random_history.hpp"

#include "sim/checker/model.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <vector>

namespace atomix::checker {
namespace {

value small(prng& random) {
  return value{static_cast<std::int64_t>(random.below(3))};
}

value draw_transaction(prng& random) {
  std::vector<value> items;
  for (const char* name : {"x", "y"}) {
    if (random.below(3) == 0) continue;
    const bool reads = random.below(2) == 0;
    items.push_back(value::of(
        {value::word(reads ? "read" : "write"),
         value::word(name),
         reads ? value{} : small(random)}));
  }
  if (items.empty()) return draw_transaction(random);
  return value::of(std::move(items));
}

operation draw_operation(const std::string& model, prng& random) {
  const std::uint64_t pick = random.below(3);
  const auto make = [](const char* f, value argument = {}) {
    operation op;
    op.f = f;
    op.argument = std::move(argument);
    return op;
  };
  if (model == "register") return pick == 0 ? make("read") : make("write", small(random));
  if (model == "cas-register") {
    if (pick == 0) return make("read");
    if (pick == 1) return make("write", small(random));
    return make("cas", value::of({small(random), small(random)}));
  }
  if (model == "queue") return pick == 0 ? make("dequeue") : make("enqueue", small(random));
  if (model == "map") {
    if (pick == 0) return make("get");
    const char* letter = random.below(2) == 0 ? "a" : "b";
    return make(random.below(4) == 0 ? "put" : "append", letter);
  }
  if (model == "counter") {
    if (pick == 0) return make("read");
    return make(pick == 1 ? "add" : "add-and-get", small(random));
  }
  if (model == "set") {
    if (pick == 0) return random.below(3) == 0 ? make("read") : make("contains", small(random));
    return make(pick == 1 ? "remove" : "add", small(random));
  }
  if (model == "multi-register") return make("txn", draw_transaction(random));
  if (model == "election") return make(pick == 0 ? "resign" : "run");
  return make(pick == 0 ? "release" : "acquire");  // mutex, lock
}

// What the operation returns in this state; nothing if it has to fail or wait.
std::optional<value> result_of(const operation& op, const value& state, prng& random) {
  if (op.f == "read" || op.f == "get") return state;
  if (op.f == "contains") return value{state.find(op.argument) != nullptr};
  if (op.f == "dequeue") {
    const auto& items = *state.items();
    return items.empty() ? value{} : items.front();
  }
  if (op.f == "add-and-get")
    return value{*state.as<std::int64_t>() + *op.argument.as<std::int64_t>()};
  if (op.f == "txn") {
    value result = op.argument;
    for (value& item : result.as<list>()->items) {
      auto& micro = item.as<list>()->items;
      const value* held = state.find(micro[1]);
      if (micro[0].is_word("read") && held != nullptr) micro[2] = *held;
    }
    return result;
  }
  if (op.f == "cas" && state != op.argument.items()->front()) return std::nullopt;
  static_cast<void>(random);
  return op.argument;
}

class drawer {
 public:
  drawer(const drawing_options& options, std::uint64_t seed)
      : options_(options),
        random_(seed),
        model_(*make_model(options.model)),
        busy_(options.processes) {}

  history draw() {
    std::size_t drawn = 0;
    std::size_t quiet = 0;  // rounds without progress: all wait for ever
    while (quiet < 200 && (drawn < options_.operations || any_busy())) {
      ++quiet;
      const std::size_t p = random_.below(options_.processes);
      if (!busy_[p]) {
        if (drawn == options_.operations) continue;
        ++drawn;
        quiet = 0;
        begin(p);
      } else if (!busy_[p]->done) {
        if (carry_out(*busy_[p])) quiet = 0;
      } else {
        end(p);
        quiet = 0;
      }
    }
    return recorder_.take();
  }

 private:
  struct call {
    operation op;
    std::size_t number = 0;
    bool lost = false;
    bool done = false;
    bool failed = false;
    value result;
  };

  [[nodiscard]] bool any_busy() const {
    return std::any_of(busy_.begin(), busy_.end(), [](const auto& c) { return c.has_value(); });
  }
  value& state_of(const operation& op) {
    return states_.try_emplace(op.key.value_or(value{}), model_->initial()).first->second;
  }
  void begin(std::size_t p) {
    call c;
    c.op = draw_operation(options_.model, random_);
    if (options_.distinct && c.op.f == "remove") c.op.f = "add";
    if (options_.distinct && c.op.f == "contains") {
      c.op = {};
      c.op.f = "read";
    }
    if (options_.distinct && (c.op.f == "add" || c.op.f == "enqueue")) c.op.argument = ++last_;
    if (options_.model == "map") c.op.key = value{std::int64_t{0}};
    if (options_.keys > 0)
      c.op.key = value{static_cast<std::int64_t>(random_.below(options_.keys))};
    c.op.process = value{static_cast<std::int64_t>(p + options_.processes * lives_[p])};
    c.number = recorder_.begin(c.op);
    c.lost = random_.chance(options_.unknown_percent, 100);
    if (c.lost && random_.chance(1, 2)) c.done = true;  // never arrives
    busy_[p] = std::move(c);
  }
  bool carry_out(call& c) {
    value& state = state_of(c.op);
    const auto result = result_of(c.op, state, random_);
    c.op.known = certainty::ok;
    c.op.result = result.value_or(value{});
    const auto next = result ? model_->step(state, c.op) : std::nullopt;
    const bool waits =
        c.op.f == "acquire" || c.op.f == "release" || c.op.f == "run" || c.op.f == "resign";
    if (result && !next && waits) return false;
    c.done = true;
    c.failed = !next;
    if (next) state = *next;
    c.result = c.op.result;
    if (random_.chance(options_.wrong_percent, 100)) c.result = other_result(c.op);
    return true;
  }
  value other_result(const operation& op) {
    if (op.f == "get") return value{random_.below(2) == 0 ? "a" : "ab"};
    if (op.f == "read" && options_.model == "set") {
      std::vector<value> items;
      for (std::int64_t n = 0; n <= std::max<std::int64_t>(last_, 2); ++n)
        if (random_.below(2) == 0) items.emplace_back(n);
      return value::of(std::move(items));
    }
    if (op.f == "contains") return value{random_.below(2) == 0};
    if (op.f == "txn") return *result_of(op, value::map_of({{value::word("x"), 1}}), random_);
    if (op.f == "dequeue" && last_ > 0)
      return value{1 + static_cast<std::int64_t>(random_.below(static_cast<std::uint64_t>(last_)))};
    return op.f == "cas" || op.f == "write" ? op.result : small(random_);
  }
  void end(std::size_t p) {
    const call& c = *busy_[p];
    if (c.lost)
      ++lives_[p];
    else
      recorder_.end(c.number, c.failed ? certainty::failed : certainty::ok, c.result);
    busy_[p].reset();
  }

  const drawing_options& options_;
  prng random_;
  std::unique_ptr<model> model_;
  recorder recorder_;
  std::map<value, value> states_;
  std::vector<std::optional<call>> busy_;
  std::map<std::size_t, std::size_t> lives_;
  std::int64_t last_ = 0;  // that was put in, if they are distinct
};

}  // namespace

history draw_history(const drawing_options& options, std::uint64_t seed) {
  return drawer{options, seed}.draw();
}

}  // namespace atomix::checker
