// SPDX-License-Identifier: Apache-2.0
/// \file The machine host of any `replicated_machine`: decodes operations, fires timers, collects
/// replies and events.
#pragma once

#include "resources/machine.hpp"
#include "resources/machine_host.hpp"
#include "resources/state_hash.hpp"
#include "resources/timers.hpp"

#include "raft/base/check.hpp"

#include <algorithm>
#include <iterator>
#include <memory>
#include <string>
#include <utility>

namespace atomix::resources {

/// What a machine sees while a batch is run.
class run_context final : public commit_context {
 public:
  run_context(timers& clocks, batch_results& results) : timers_(&clocks), results_(&results) {}

  void enter(clock_mark mark, const task* command) {
    mark_ = mark;
    command_ = command;
    answered_ = false;
    if (command == nullptr) return;
    results_->replies.push_back(
        {command->index, command->session, command->sequence, absl::StatusCode::kOk, {}, {}});
  }

  [[nodiscard]] index_t index() const override { return mark_.index; }
  [[nodiscard]] log_time now() const override { return mark_.time; }
  [[nodiscard]] session_id session() const override {
    return command_ == nullptr ? session_id{} : command_->session;
  }
  void reply(const google::protobuf::MessageLite& result) override {
    if (result.ByteSizeLong() > answer_bytes_max) return fail(answer_too_large());
    result.SerializeToString(&answer().result);
  }
  void fail(const absl::Status& status) override {
    ATOMIX_CHECK(!status.ok(), "a machine fails a command with an error");
    task_reply& reply = answer();
    reply.code = status.code();
    reply.error = std::string(status.message().data(), status.message().size());
  }
  void publish(session_id to, std::string event) override {
    results_->events.push_back({mark_.index, to, std::move(event)});
  }
  void schedule(timer_key key, log_time at) override { timers_->schedule(key, at); }
  void cancel(timer_key key) override { timers_->cancel(key); }

 private:
  task_reply& answer() {
    ATOMIX_CHECK(command_ != nullptr, "a machine answers commands, not timers or closings");
    ATOMIX_CHECK(!answered_, "a machine answers a command once");
    answered_ = true;
    return results_->replies.back();
  }

  timers* timers_;
  batch_results* results_;
  clock_mark mark_;
  const task* command_ = nullptr;
  bool answered_ = false;
};

/// What a machine sees of a query.
class ask_context final : public query_context {
 public:
  ask_context(session_id session, log_time now) : session_(session), now_(now) {}

  [[nodiscard]] log_time now() const override { return now_; }
  [[nodiscard]] session_id session() const override { return session_; }
  void reply(const google::protobuf::MessageLite& result) override {
    if (result.ByteSizeLong() > answer_bytes_max) return fail(answer_too_large());
    result.SerializeToString(&result_.result);
  }
  void fail(const absl::Status& status) override {
    result_.code = status.code();
    result_.error = std::string(status.message().data(), status.message().size());
  }
  [[nodiscard]] query_result take() { return std::move(result_); }

 private:
  session_id session_;
  log_time now_;
  query_result result_;
};

template <replicated_machine M>
class typed_machine_host final : public machine_host {
 public:
  [[nodiscard]] std::string_view type_name() const override { return M::type_name; }

  [[nodiscard]] batch_results run(const batch& work) override {
    batch_results results;
    run_context context{timers_, results};
    const auto& clock = *work.clock;
    auto mark = clock.begin();
    for (auto i = work.tasks.begin(); i != work.tasks.end(); ++i) {
      const task& next = *i;
      fire_through(context, clock, mark, next.index);
      const auto at = std::lower_bound(clock.begin(), clock.end(), next.index, before_index);
      ATOMIX_CHECK(
          at != clock.end() && at->index == next.index, "the clock of a batch has all its tasks");
      carry_out(context, *at, next);
      const auto following = std::next(i);
      if (closes(next) && (following == work.tasks.end() || !close_together(next, *following)))
        settle(context);
    }
    if (!clock.empty()) fire_through(context, clock, mark, clock.back().index);
    results.next_deadline = timers_.next_deadline();
    return results;
  }

  [[nodiscard]] query_result query(
      session_id session, log_time now, std::string_view operation) const override {
    ask_context context{session, now};
    const auto ask = [&](const auto& question) {
      machine_.query(context, question);
    };
    if (!decode_op(typename M::queries{}, operation, ask)) return malformed();
    return context.take();
  }

  [[nodiscard]] bool undoes(std::string_view operation) const override {
    using commands = typename M::commands;
    if constexpr (has_undo<M>) return resources::undoes<commands>(typename M::undo{}, operation);
    return false;
  }

  [[nodiscard]] const M& machine() const { return machine_; }

  [[nodiscard]] std::uint64_t state_hash() const override {
    hashing_walk hash;
    machine_.walk(hash);
    timers_.walk(hash);
    return hash.value();
  }

 private:
  using clock_marks = std::vector<clock_mark>;
  static bool before_index(const clock_mark& mark, index_t index) { return mark.index < index; }

  static query_result malformed() {
    return {
        absl::StatusCode::kInvalidArgument,
        "The " + std::string(M::type_name)
            + " does not know this operation. The client may be newer" + " than the server.",
        {}};
  }

  // Fires what is due at each entry from `mark` up to the one at `last`, and moves `mark` behind
  // it. What is set by a firing timer for now or the past waits for the next entry: no endless
  // loop.
  void fire_through(
      run_context& context,
      const clock_marks& clock,
      clock_marks::const_iterator& mark,
      index_t last) {
    const auto end = std::upper_bound(mark, clock.end(), last, after_index);
    while (const auto deadline = timers_.next_deadline()) {
      mark = std::lower_bound(mark, end, *deadline, too_early);
      if (mark == end) break;
      for (const timers::due_timer& timer : timers_.due(mark->time)) {
        if (!timers_.take(timer)) continue;
        context.enter(*mark, nullptr);
        machine_.on_timer(context, timer.second);
      }
      ++mark;
    }
    mark = end;
  }
  static bool too_early(const clock_mark& mark, log_time time) { return mark.time < time; }
  static bool after_index(index_t index, const clock_mark& mark) { return index < mark.index; }

  static bool closes(const task& t) { return t.kind == task_kind::session_closed; }
  static bool close_together(const task& one, const task& other) {
    return closes(one) && closes(other) && one.index == other.index;
  }

  void carry_out(run_context& context, clock_mark mark, const task& next) {
    switch (next.kind) {
      case task_kind::command:
        context.enter(mark, &next);
        return apply(context, next);
      case task_kind::session_closed:
        context.enter(mark, nullptr);
        return machine_.on_session_closed(context, next.session);
      case task_kind::deleted:
        context.enter(mark, nullptr);
        return end(context);
    }
  }
  void apply(run_context& context, const task& command) {
    const auto decoded = [&](const auto& operation) {
      machine_.apply(context, operation);
    };
    if (decode_op(typename M::commands{}, command.operation.view(), decoded)) return;
    context.fail(absl::InvalidArgumentError(malformed().error));
  }
  void settle(run_context& context) {
    if constexpr (settles<M>) machine_.settle(context);
  }
  void end(run_context& context) {
    if constexpr (hears_deletion<M>) machine_.on_deleted(context);
    timers_ = {};  // nothing that was set fires any more
  }

  M machine_;
  timers timers_;
};

}  // namespace atomix::resources
