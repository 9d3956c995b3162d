// SPDX-License-Identifier: Apache-2.0
#include "sim/checker/cat.hpp"
#include "sim/checker/map_screen.hpp"
#include "sim/checker/models.hpp"

#include <algorithm>
#include <set>

namespace atomix::checker {
namespace {

// One key of a map. Without a key of its own an operation names it in its argument: get k, delete
// k, put [k v], append [k v].
class map_model final : public model {
 public:
  explicit map_model(value initial) : initial_(std::move(initial)) {}

  [[nodiscard]] std::string_view name() const override { return "map"; }
  [[nodiscard]] absl::Status accepts(const operation& op) const override {
    if (op.f != "get" && !writes_key(op))
      return unknown_operation(op, name(), "get, put, append and delete");
    const auto* pair = op.argument.items();
    const bool takes_content = op.f == "put" || op.f == "append";
    if (takes_content && !op.key && (pair == nullptr || pair->size() != 2))
      return wrong_argument(op, "a :key, or [key content]");
    if (op.f == "append" && content_of(op).as<std::string>() == nullptr)
      return wrong_argument(op, "a text");
    return absl::OkStatus();
  }
  [[nodiscard]] value initial() const override { return initial_; }
  [[nodiscard]] bool observes(const operation& op) const override { return op.f == "get"; }
  [[nodiscard]] bool divides() const override { return true; }
  [[nodiscard]] std::vector<value> touches(const operation& op) const override {
    if (op.key) return {*op.key};
    return {op.f == "put" || op.f == "append" ? op.argument.items()->front() : op.argument};
  }
  [[nodiscard]] std::optional<value> step(const value& state, const operation& op) override {
    if (op.f == "get") {
      if (op.known != certainty::ok || unobserved(op.result)) return state;
      if (op.result == state || (op.result.is_nil() && state == initial_)) return state;
      return std::nullopt;
    }
    if (op.f == "put") return narrowed(content_of(op));
    if (op.f == "delete") return narrowed(initial_);
    if (state == unseen) return state;
    const auto* text = state.as<std::string>();
    const std::string& more = *content_of(op).as<std::string>();
    return narrowed(text == nullptr ? more : *text + more);
  }
  // Texts that no get begins with are all the same until the next put: nobody can tell them apart.
  void study(const part& p) override {
    studied_ = true;
    seen_.clear();
    last_get_call_ = last_put_return_ = 0;
    others_seen_ = false;
    for (std::size_t i = 0; i < p.size(); ++i) {
      const operation& op = p.at(i);
      if (op.f == "get" && op.known == certainty::ok && !unobserved(op.result)) {
        last_get_call_ = std::max(last_get_call_, op.call);
        note_seen(op.result);
      }
      if (replaces_key(op)) last_put_return_ = std::max(last_put_return_, op.ret);
    }
  }
  [[nodiscard]] bool hopeless(const value& state, const outlook& now) const override {
    return state == unseen && last_put_return_ < now.position && last_get_call_ > now.position;
  }
  [[nodiscard]] std::optional<finding> screen(const part& p) const override {
    const map_screen own{p, initial_};
    for (std::size_t i = 0; i < p.size(); ++i)
      if (auto found = own.look_at(i)) return found;
    return own.different_orders();
  }
  [[nodiscard]] std::string show(const value& state) const override {
    if (state == unseen) return "the key holds something that no get returned";
    return cat("the key holds ", to_text(state));
  }

 private:
  static const value unseen;

  void note_seen(const value& result) {
    if (const auto* text = result.as<std::string>()) {
      seen_.insert(*text);
    } else {
      others_seen_ = true;
    }
  }

  [[nodiscard]] value narrowed(value state) const {
    const auto* text = state.as<std::string>();
    if (!studied_ || others_seen_ || text == nullptr) return state;
    const auto i = seen_.lower_bound(*text);
    return i != seen_.end() && i->starts_with(*text) ? state : unseen;
  }

  value initial_;
  bool studied_ = false;
  std::set<std::string> seen_;
  bool others_seen_ = false;
  std::size_t last_get_call_ = 0;
  std::size_t last_put_return_ = 0;
};

const value map_model::unseen = value::word("unseen");

}  // namespace

model_ptr make_map_model(const std::optional<value>& initial) {
  return std::make_unique<map_model>(initial.value_or(value{""}));
}

}  // namespace atomix::checker
