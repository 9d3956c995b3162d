// SPDX-License-Identifier: Apache-2.0
/// \file A replicated machine as the sequential specification of a history. Its operations are told
/// in the words of `machine_words.hpp`.
///
/// Only for what does not depend on time, on places in the log or on ends of sessions: none of
/// these are in a history. Events that it sends are not looked at. What it does is tried on copies:
/// it must be copyable, and what it does not walk is no part of its state.
#pragma once

#include "sim/checker/machine_words.hpp"
#include "sim/checker/model.hpp"

#include "resources/machine.hpp"

#include "raft/base/ids.hpp"

#include <absl/status/status.h>
#include <google/protobuf/message.h>

#include <algorithm>
#include <concepts>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace atomix::checker {

/// What a machine's walk shows, as bytes that are equal if the states are, and as text.
class written_walk final : public resources::state_walk {
 public:
  void number(std::uint64_t value) override { note("n", std::to_string(value)); }
  void bytes(std::string_view value) override {
    note("b" + std::to_string(value.size()) + ":", "\"" + std::string(value) + "\"");
  }
  [[nodiscard]] const std::string& exact() const { return exact_; }
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  void note(const std::string& kind, const std::string& text) {
    exact_ += kind + text;
    text_ += (text_.empty() ? "" : " ") + text;
  }
  std::string exact_;
  std::string text_;
};

/// What a machine answered; the same for commands and queries.
struct model_answer {
  value result;
  bool failed = false;
  bool wants_more = false;  ///< asked for what no history tells: places in the log, time

  void take(const google::protobuf::MessageLite& reply) {
    // All operations here are full messages: `machine_model` asks for their names.
    result = value_of(dynamic_cast<const google::protobuf::Message&>(reply));
  }
};

class model_commit final : public resources::commit_context {
 public:
  model_commit(model_answer& answer, session_id caller) : answer_(answer), caller_(caller) {}
  [[nodiscard]] index_t index() const override {
    answer_.wants_more = true;
    return index_t{1};
  }
  [[nodiscard]] log_time now() const override {
    answer_.wants_more = true;
    return log_time{1};
  }
  [[nodiscard]] session_id session() const override { return caller_; }
  void reply(const google::protobuf::MessageLite& result) override { answer_.take(result); }
  void fail(const absl::Status&) override { answer_.failed = true; }
  void publish(session_id, std::string) override {}
  void schedule(resources::timer_key, log_time) override { answer_.wants_more = true; }
  void cancel(resources::timer_key) override {}

 private:
  model_answer& answer_;
  session_id caller_;
};

class model_query final : public resources::query_context {
 public:
  model_query(model_answer& answer, session_id caller) : answer_(answer), caller_(caller) {}
  [[nodiscard]] log_time now() const override { return log_time{1}; }
  [[nodiscard]] session_id session() const override { return caller_; }
  void reply(const google::protobuf::MessageLite& result) override { answer_.take(result); }
  void fail(const absl::Status&) override { answer_.failed = true; }

 private:
  model_answer& answer_;
  session_id caller_;
};

/// States are numbers: places in a list of machines that differ in their walks.
template <resources::replicated_machine M>
requires std::copy_constructible<M>
class machine_model final : public model {
 public:
  explicit machine_model(std::string name) : name_(std::move(name)) { number(M{}); }

  [[nodiscard]] std::string_view name() const override { return name_; }

  [[nodiscard]] absl::Status accepts(const operation& op) const override {
    absl::Status filled = absl::OkStatus();
    M fresh{};
    model_answer answer;
    const auto look = [&](auto& message) {
      filled = fill(message, op.argument);
    };
    const auto apply = [&](auto& message) {
      look(message);
      model_commit context{answer, caller_of(op)};
      if (filled.ok()) fresh.apply(context, message);
    };
    if (!with(typename M::commands{}, op, apply) && !with(typename M::queries{}, op, look))
      return absl::InvalidArgumentError("'" + op.f + "' is no operation of a " + name_ + ".");
    if (!answer.wants_more) return filled;
    return absl::InvalidArgumentError(
        "'" + op.f + "' of a " + name_
        + " depends on time or on its place in the log, which a history does not tell.");
  }
  [[nodiscard]] value initial() const override { return value{0}; }
  [[nodiscard]] bool knows_callers() const override { return true; }
  [[nodiscard]] bool observes(const operation& op) const override {
    return with(typename M::queries{}, op, [](auto&) {});
  }

  [[nodiscard]] std::optional<value> step(const value& state, const operation& op) override {
    model_answer answer;
    const auto at = static_cast<std::size_t>(*state.as<std::int64_t>());
    const auto ask = [&](auto& message) {
      static_cast<void>(fill(message, op.argument));
      model_query context{answer, caller_of(op)};
      states_[at].machine.query(context, message);
    };
    if (with(typename M::queries{}, op, ask))
      return fits(op, answer) ? std::optional{state} : std::nullopt;
    M after = states_[at].machine;
    const auto apply = [&](auto& message) {
      static_cast<void>(fill(message, op.argument));
      model_commit context{answer, caller_of(op)};
      after.apply(context, message);
    };
    if (!with(typename M::commands{}, op, apply) || !fits(op, answer)) return std::nullopt;
    return value{number(std::move(after))};
  }

  [[nodiscard]] std::string show(const value& state) const override {
    const auto at = static_cast<std::size_t>(*state.as<std::int64_t>());
    return "the " + name_ + " holds [" + states_[at].text + "]";
  }

 private:
  struct known_state {
    M machine;
    std::string text;
  };

  // Calls `use` with an empty message of the type that `op` names; false if there is none.
  template <class... Messages, class Use>
  static bool with(resources::op_list<Messages...>, const operation& op, Use&& use) {
    const auto try_one = [&]<class Message>(Message message) {
      if (word_of(message) != op.f) return false;
      use(message);
      return true;
    };
    return (try_one(Messages{}) || ...);
  }

  static session_id caller_of(const operation& op) {
    const auto* process = op.process.as<std::int64_t>();
    return session_id{process == nullptr ? 1 : static_cast<std::uint64_t>(*process) + 1};
  }

  // A command whose client tells no result, or only repeats its argument, says nothing of it. A map
  // tells of the fields that it has.
  [[nodiscard]] bool fits(const operation& op, const model_answer& answer) const {
    if (op.known != certainty::ok) return true;
    if (answer.failed) return false;
    const bool silent = op.result == op.argument && !observes(op);
    if (op.result.is_nil() || silent) return true;
    const auto* told = op.result.as<dictionary>();
    const auto* full = answer.result.as<dictionary>();
    if (told == nullptr || full == nullptr) return op.result == answer.result;
    return std::all_of(told->entries.begin(), told->entries.end(), [&](const auto& each) {
      const value* same = answer.result.find(each.first);
      return same != nullptr && *same == each.second;
    });
  }

  std::int64_t number(M machine) {
    written_walk walk;
    machine.walk(walk);
    const auto [known, fresh] =
        numbers_.try_emplace(walk.exact(), static_cast<std::int64_t>(states_.size()));
    if (fresh) states_.push_back({std::move(machine), walk.text()});
    return known->second;
  }

  std::string name_;
  std::vector<known_state> states_;
  std::map<std::string, std::int64_t> numbers_;  // by what the walk shows
};

}  // namespace atomix::checker
