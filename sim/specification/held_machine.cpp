// SPDX-License-Identifier: Apache-2.0
#include "sim/specification/held_machine.hpp"

#include "sim/operation_words.hpp"

#include <absl/status/status.h>
#include <absl/strings/escaping.h>
#include <absl/strings/str_cat.h>

#include <algorithm>
#include <utility>

namespace atomix::sim {
namespace {

using resources::task;
using resources::task_kind;

const task* command_of(const std::vector<task>& tasks) {
  const bool has_one = !tasks.empty() && tasks.back().kind == task_kind::command;
  return has_one ? &tasks.back() : nullptr;
}

bool removes(const std::vector<task>& tasks) {
  return !tasks.empty() && tasks.back().kind == task_kind::deleted;
}

// Sessions do not see the order in which others are told.
void sort_by_session(std::vector<specified_event>& events) {
  std::stable_sort(events.begin(), events.end(), [](const auto& one, const auto& other) {
    return one.to < other.to;
  });
}

std::string show(const specified_answer& a) {
  if (a.code != absl::StatusCode::kOk) return absl::StatusCodeToString(a.code);
  return absl::StrCat("\"", absl::CHexEscape(a.result), "\"");
}

std::string show(const std::vector<specified_event>& events) {
  if (events.empty()) return "none";
  std::string text;
  for (const specified_event& e : events) {
    const char* const gap = text.empty() ? "" : ", ";
    absl::StrAppend(&text, gap, "\"", absl::CHexEscape(e.event), "\" to ", e.to.value());
  }
  return text;
}

}  // namespace

held_machine::held_machine(std::string name, std::unique_ptr<resources::machine_host> machine)
    : resource_{std::move(name), std::string(machine->type_name())},
      machine_(std::move(machine)),
      specification_(specify(resource_.type)) {}

resources::batch_results held_machine::run(resources::clock_mark mark, std::vector<task> tasks) {
  const std::vector<task> asked = specification_ == nullptr ? std::vector<task>{} : tasks;
  auto clock = std::make_shared<const std::vector<resources::clock_mark>>(1, mark);
  auto results = machine_->run({std::move(clock), std::move(tasks)});
  deadline_ = results.next_deadline;
  if (specification_ == nullptr) return results;
  compare(mark, command_of(asked), results, specified(mark, asked));
  if (removes(asked)) return results;
  compare_state(mark);
  const auto other = specification_->next_deadline();
  if (other && (!deadline_ || *other < *deadline_)) deadline_ = other;
  return results;
}

held_machine::done held_machine::specified(
    resources::clock_mark mark, const std::vector<task>& tasks) {
  done all;
  specification_->enter(mark.index, mark.time);
  std::set<session_id> ended;
  for (const task& t : tasks) {
    if (t.kind == task_kind::session_closed) ended.insert(t.session);
  }
  if (!ended.empty()) specification_->end_sessions(ended);
  if (const task* const c = command_of(tasks))
    all.answer = specification_->command(c->session, c->operation.view());
  if (removes(tasks)) specification_->remove();
  all.events = specification_->take_events();
  sort_by_session(all.events);
  return all;
}

void held_machine::compare(
    resources::clock_mark mark,
    const task* asked,
    const resources::batch_results& seen,
    const done& wanted) {
  const std::string when = absl::StrCat(" at index ", mark.index.value());
  if (asked != nullptr) {
    const auto& reply = seen.replies.front();
    compare_answer(
        false, asked->operation.view(), when, {reply.code, reply.result}, *wanted.answer);
  }
  std::vector<specified_event> events;
  for (const resources::task_event& e : seen.events)
    events.push_back({e.to, e.event});
  sort_by_session(events);
  if (events != wanted.events) {
    object(absl::StrCat(
        "publishes ", show(events), when, "; its specification: ", show(wanted.events)));
  }
}

void held_machine::compare_state(resources::clock_mark mark) {
  const std::string when = absl::StrCat(" after index ", mark.index.value());
  for (const std::string& question : specification_->questions()) {
    const auto seen = machine_->query({}, mark.time, question);
    compare_answer(true, question, when, {seen.code, seen.result}, specification_->query(question));
  }
}

bool held_machine::takes_back(std::string_view operation) {
  const bool seen = machine_->undoes(operation);
  if (specification_ == nullptr || specification_->takes_back(operation) == seen) return seen;
  const std::string said = speak(resource_, false, operation).text();
  object(
      seen ? absl::StrCat("is not made for ", said, "; its specification: it is")
           : absl::StrCat("is made for ", said, "; its specification: that takes back something"));
  return seen;
}

resources::query_result held_machine::query(
    session_id session, log_time now, std::string_view operation) {
  auto seen = machine_->query(session, now, operation);
  if (specification_ != nullptr) {
    compare_answer(true, operation, "", {seen.code, seen.result}, specification_->query(operation));
  }
  return seen;
}

void held_machine::compare_answer(
    bool is_query,
    std::string_view operation,
    const std::string& when,
    const specified_answer& seen,
    const specified_answer& wanted) {
  if (seen == wanted) return;
  const std::string said = speak(resource_, is_query, operation).text();
  object(absl::StrCat(
      "answers ", said, when, " with ", show(seen), "; its specification: ", show(wanted)));
}

// Later ones follow from the first.
void held_machine::object(const std::string& what) {
  if (disagreement_.empty())
    disagreement_ = absl::StrCat(resource_.type, " ", resource_.name, " ", what);
}

}  // namespace atomix::sim
