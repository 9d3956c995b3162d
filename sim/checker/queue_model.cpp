// SPDX-License-Identifier: Apache-2.0
#include "sim/checker/cat.hpp"
#include "sim/checker/models.hpp"
#include "sim/checker/queue_outlook.hpp"

#include <algorithm>
#include <map>

namespace atomix::checker {
namespace {

// One value of a queue into which each value goes at most once.
struct passage {
  const operation* in = nullptr;
  const operation* out = nullptr;
  std::size_t out_number = 0;
  bool once = true;  // in at most once; otherwise nothing is concluded about order
};

class queue_model final : public model {
 public:
  explicit queue_model(value initial) : initial_(std::move(initial)) {}

  [[nodiscard]] std::string_view name() const override { return "queue"; }
  [[nodiscard]] absl::Status accepts(const operation& op) const override {
    if (op.f == "enqueue" || op.f == "dequeue") return absl::OkStatus();
    return unknown_operation(op, name(), "enqueue and dequeue");
  }
  [[nodiscard]] value initial() const override { return initial_; }
  [[nodiscard]] bool observes(const operation& op) const override {
    return op.f == "dequeue" && op.known == certainty::ok && op.result.is_nil();
  }
  [[nodiscard]] std::optional<value> step(const value& state, const operation& op) override {
    const auto& items = *state.items();
    if (op.f == "enqueue") {
      if (outlook_.refuses(items, op)) return std::nullopt;
      std::vector<value> next = items;
      next.push_back(outlook_.stored(op.argument));
      return value::of(std::move(next));
    }
    const bool ok = op.known == certainty::ok;
    if (items.empty()) return ok && !op.result.is_nil() ? std::nullopt : std::optional{state};
    if (ok ? items.front() != op.result : outlook_.promised(items.front())) return std::nullopt;
    return value::of({items.begin() + 1, items.end()});
  }
  void study(const part& p) override { outlook_ = queue_outlook{p, initial_}; }
  [[nodiscard]] std::size_t rank(const operation& op) const override { return outlook_.rank(op); }
  [[nodiscard]] bool hopeless(const value& state, const outlook& now) const override {
    return outlook_.refutes(*state.items(), now);
  }
  [[nodiscard]] std::optional<finding> screen(const part& p) const override {
    std::map<value, passage> passages;
    for (const value& v : *initial_.items())
      passages[v].once = false;
    for (std::size_t i = 0; i < p.size(); ++i) {
      const operation& op = p.at(i);
      if (op.f != "enqueue") continue;
      passage& way = passages[op.argument];
      way.once = way.once && way.in == nullptr;
      if (way.in == nullptr) way.in = &op;  // the first that was called
    }
    for (std::size_t i = 0; i < p.size(); ++i)
      if (auto found = screen_dequeue(p, i, passages)) return found;
    return screen_order(passages);
  }

 private:
  static std::optional<finding> screen_dequeue(
      const part& p, std::size_t i, std::map<value, passage>& passages) {
    const operation& op = p.at(i);
    if (op.f != "dequeue" || op.known != certainty::ok || op.result.is_nil()) return std::nullopt;
    const auto say = [&](const auto&... words) {
      return finding{p.numbers[i], cat("The ", describe(op), words...)};
    };
    const auto found = passages.find(op.result);
    if (found == passages.end()) return say(" got what nobody ever put in.");
    passage& way = found->second;
    if (way.in != nullptr && way.once && way.in->call > op.ret)
      return say(" got what was put in only later: ", describe(*way.in), ".");
    if (way.once && way.out != nullptr)
      return say(" got what was taken out before: ", describe(*way.out), ".");
    way.out = &op;
    way.out_number = p.numbers[i];
    return std::nullopt;
  }

  // If a was in before b was put in, then b may not be out before somebody begins to take a out.
  static std::optional<finding> screen_order(const std::map<value, passage>& passages) {
    std::vector<const passage*> ways;
    for (const auto& [v, way] : passages)
      if (way.once && way.in != nullptr && way.out != nullptr) ways.push_back(&way);
    const auto put_in_earlier = [](const passage* a, const passage* b) {
      return a->in->ret < b->in->ret;
    };
    std::vector<const passage*> by_call = ways;
    std::sort(ways.begin(), ways.end(), put_in_earlier);
    std::sort(by_call.begin(), by_call.end(), [](const passage* a, const passage* b) {
      return a->in->call < b->in->call;
    });
    const passage* last_out = nullptr;  // of those that were in before b: whose removal began last
    std::size_t next = 0;
    for (const passage* b : by_call) {
      for (; next < ways.size() && ways[next]->in->ret < b->in->call; ++next) {
        if (last_out == nullptr || ways[next]->out->call > last_out->out->call)
          last_out = ways[next];
      }
      if (last_out == nullptr || last_out->out->call < b->out->ret) continue;
      return finding{
          b->out_number,
          cat("The ",
              describe(*b->out),
              " is out of order: ",
              to_text(last_out->in->argument),
              " was in before it (",
              describe(*last_out->in),
              ") and left only later (",
              describe(*last_out->out),
              ").")};
    }
    return std::nullopt;
  }

  value initial_;
  queue_outlook outlook_;
};

}  // namespace

model_ptr make_queue_model(const std::optional<value>& initial) {
  value first = initial.value_or(value::of({}));
  return first.items() == nullptr ? nullptr : std::make_unique<queue_model>(std::move(first));
}

}  // namespace atomix::checker
