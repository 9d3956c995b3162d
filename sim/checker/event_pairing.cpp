// SPDX-License-Identifier: Apache-2.0
#include "sim/checker/event_pairing.hpp"

#include "sim/checker/cat.hpp"

#include <utility>

namespace atomix::checker {

absl::Status event_pairing::add(event e) {
  lines_tell_ = lines_tell_ && e.line > line_;
  line_ = e.line;
  if (e.time_ns != operation::no_time) e.line = 0;
  const auto found = open_.find(e.process);
  if (e.kind == event_kind::invoke) {
    if (found != open_.end()) {
      return absl::InvalidArgumentError(
          cat("process ",
              to_text(e.process),
              " calls although its last call has not returned. Give each thread its own process, "
              "and a new one after a crash."));
    }
    operation op;
    op.process = e.process;
    op.f = std::move(e.f);
    op.key = std::move(e.key);
    op.argument = std::move(e.content);
    op.call_time_ns = e.time_ns;
    op.call_line = e.line;
    op.model = std::move(e.model);
    open_.emplace(std::move(e.process), recorder_.begin(std::move(op)));
    return absl::OkStatus();
  }
  if (found != open_.end()) {
    const std::size_t number = found->second;
    open_.erase(found);
    return finish(std::move(e), number);
  }
  if (e.kind == event_kind::info) return absl::OkStatus();  // a remark, not a return
  return absl::InvalidArgumentError(
      cat("process ",
          to_text(e.process),
          " returns from a ",
          e.f,
          " that it did not call. Is the beginning of the history missing?"));
}

absl::Status event_pairing::finish(event e, std::size_t number) {
  operation& op = recorder_.present().operations[number];
  if (op.f != e.f) {
    return absl::InvalidArgumentError(
        cat("process ",
            to_text(e.process),
            " called ",
            op.f,
            " and returns from ",
            e.f,
            ". Write the same :f at the call and at the return."));
  }
  op.index = e.index;
  op.return_time_ns = e.time_ns;
  op.return_line = e.line;
  if (e.kind == event_kind::info) return absl::OkStatus();  // the call stays open for ever
  if (!op.key) op.key = std::move(e.key);
  // Who chooses what to write only while it writes tells it at the end.
  const bool chosen_late = op.f == "write" || op.f == "cas" || op.f == "enqueue";
  if (chosen_late && op.argument.is_nil() && e.kind == event_kind::ok) op.argument = e.content;
  recorder_.end(
      number, e.kind == event_kind::ok ? certainty::ok : certainty::failed, std::move(e.content));
  return absl::OkStatus();
}

history event_pairing::take() {
  history h = recorder_.take();
  if (lines_tell_) return h;
  for (operation& op : h.operations)
    op.call_line = op.return_line = 0;
  return h;
}

void take_key(event& e, bool forced) {
  const auto* tag = e.content.as<tagged>();
  const bool is_tuple = tag != nullptr
                        && (contains(tag->tag, "independent") || tag->tag == "tuple"
                            || contains(tag->tag, "MapEntry"));
  if (!is_tuple && !forced) return;
  const value pair = is_tuple ? tag->items.front() : e.content;
  const auto* items = pair.items();
  if (items == nullptr || items->size() != 2) return;
  e.key = items->front();
  e.content = items->back();
}

}  // namespace atomix::checker
