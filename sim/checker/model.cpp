// SPDX-License-Identifier: Apache-2.0
#include "sim/checker/model.hpp"

#include "sim/checker/cat.hpp"
#include "sim/checker/models.hpp"

#include <utility>

namespace atomix::checker {
namespace {

struct entry {
  std::string_view name;
  model_ptr (*make)(const std::optional<value>& initial);
  bool may_start;  // with a value of the user's
};

constexpr entry catalog[] = {
    {"register", [](const auto& initial) { return make_register_model(initial, false); }, true},
    {"cas-register", [](const auto& initial) { return make_register_model(initial, true); }, true},
    {"multi-register", make_multi_register_model, true},
    {"mutex", [](const auto&) { return make_mutex_model(); }, false},
    {"counter", make_counter_model, true},
    {"map", make_map_model, true},
    {"set", make_set_model, true},
    {"queue", make_queue_model, true},
    {"lock", [](const auto&) { return make_lock_model(); }, false},
    {"machine:counter", [](const auto&) { return make_counter_machine_model(); }, false},
    {"machine:map", [](const auto&) { return make_map_machine_model(); }, false},
    {"election", [](const auto&) { return make_election_model(); }, false},
};

}  // namespace

std::string model::show(const value& state) const {
  return cat("the ", name(), " holds ", to_text(state));
}

const std::vector<std::string>& model_names() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> all;
    for (const entry& e : catalog)
      all.emplace_back(e.name);
    return all;
  }();
  return names;
}

namespace {
std::string names_text() {
  std::string text;
  for (const std::string& name : model_names())
    append(text, text.empty() ? "" : ", ", name);
  return text;
}
}  // namespace

absl::StatusOr<model_ptr> make_model(std::string_view name, const std::optional<value>& initial) {
  for (const entry& e : catalog) {
    if (e.name != name) continue;
    if (initial && !e.may_start) {
      return absl::InvalidArgumentError(
          cat("a ", name, " begins empty or free, remove the initial value"));
    }
    model_ptr made = e.make(initial);
    if (made == nullptr)
      return absl::InvalidArgumentError(cat("a ", name, " cannot start with ", to_text(*initial)));
    return made;
  }
  return absl::InvalidArgumentError(
      cat("there is no model '", name, "', use one of ", names_text()));
}

absl::Status unknown_operation(
    const operation& op, std::string_view name, std::string_view operations) {
  return absl::InvalidArgumentError(
      cat("'",
          op.f,
          "' is no operation of a ",
          name,
          ", which has ",
          operations,
          ". Is another --model meant?"));
}

absl::Status wrong_argument(const operation& op, std::string_view what) {
  return absl::InvalidArgumentError(
      cat("'", op.f, "' needs ", what, ", not ", to_text(op.argument), "."));
}

}  // namespace atomix::checker
