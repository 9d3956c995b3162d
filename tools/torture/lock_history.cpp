// SPDX-License-Identifier: Apache-2.0
#include "tools/torture/lock_history.hpp"

#include "resources/lock/machine.hpp"

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <map>
#include <optional>

#include "tools/torture/history_lines.hpp"

namespace atomix::tools {
namespace {

using resources::decode_as;
using resources::lock::machine;
namespace proto = resources::lock::proto;

/// What one session did with a lock.
class one_session {
 public:
  one_session(const sim::history& book, std::size_t number, history_lines& lines)
      : book_(book), session_(book.sessions()[number]), number_(number), lines_(lines) {}

  void write() {
    for (const std::size_t position : session_.calls)
      write(book_.calls()[position]);
    for (const sim::recorded_event& e : session_.events)
      if (e.resource == "lock") hear(e);
    if (session_.state == session_state::expired) let_go();
  }

 private:
  void write(const sim::recorded_call& c) {
    if (c.is_query || c.resource.type != machine::type_name) return;
    if (decode_as<machine::commands, proto::Acquire>(c.operation)) {
      add(c.call_order, c.called, "invoke", "acquire", "nil");
      if (c.returned) asked(c);
    }
    if (decode_as<machine::commands, proto::Release>(c.operation)) {
      add(c.call_order, c.called, "invoke", "release", "nil");
      if (c.returned) released(c);
    }
  }

  void asked(const sim::recorded_call& c) {
    proto::Asked answer;
    if (!c.ok() || !answer.ParseFromString(c.result)) return failed(c, "acquire");
    if (answer.token() != 0)
      return add(c.return_order, c.returned_at, "ok", "acquire", absl::StrCat(answer.token()));
    if (answer.request() == 0) return add(c.return_order, c.returned_at, "fail", "acquire", "nil");
    waits_ = answer.request();
  }

  void released(const sim::recorded_call& c) {
    proto::Answer answer;
    if (!c.ok() || !answer.ParseFromString(c.result)) return failed(c, "release");
    add(c.return_order, c.returned_at, answer.yes() ? "ok" : "fail", "release", "nil");
  }

  void failed(const sim::recorded_call& c, const char* f) {
    const bool not_done = c.outcome == certainty::not_done;
    last_return_ = std::max(last_return_, c.return_order);
    add(c.return_order, c.returned_at, not_done ? "fail" : "info", f, "nil");
  }

  void hear(const sim::recorded_event& e) {
    if (const auto granted = decode_as<machine::events, proto::Granted>(e.event)) {
      add(e.order, e.at, "ok", "acquire", absl::StrCat(granted->token()));
      if (granted->request() == waits_) waits_.reset();
    } else if (const auto late = decode_as<machine::events, proto::TimedOut>(e.event)) {
      add(e.order, e.at, "fail", "acquire", "nil");
      if (late->request() == waits_) waits_.reset();
    }
  }

  // The client knows first; the cluster gives the lock to the next one later. Calls that were under
  // way end right after the news.
  void let_go() {
    const std::uint64_t order = std::max(order_at(session_.state_since), last_return_);
    if (waits_) add(order, session_.state_since, "info", "acquire", "nil");
    add(order, session_.state_since, "invoke", "release", "nil");
    add(order, session_.state_since, "info", "release", "nil");
  }

  // Of the last thing that happened up to then.
  [[nodiscard]] std::uint64_t order_at(sim::sim_time at) const {
    std::uint64_t order = 0;
    for (const sim::recorded_call& c : book_.calls()) {
      if (c.called <= at) order = std::max(order, c.call_order);
      if (c.returned && c.returned_at <= at) order = std::max(order, c.return_order);
    }
    return order;
  }

  void add(
      std::uint64_t order, sim::sim_time at, const char* type, const char* f, std::string value) {
    lines_.add({order, at, number_, type, f, std::move(value), {}});
  }

  const sim::history& book_;
  const sim::recorded_session& session_;
  std::size_t number_;
  history_lines& lines_;
  std::optional<std::uint64_t> waits_;
  std::uint64_t last_return_ = 0;  // of a call that failed
};

}  // namespace

std::string lock_history(const sim::history& book) {
  history_lines lines;
  for (std::size_t i = 0; i < book.sessions().size(); ++i)
    one_session{book, i, lines}.write();
  return lines.text();
}

}  // namespace atomix::tools
