// SPDX-License-Identifier: Apache-2.0
#include "sim/log_time.hpp"

#include <absl/strings/str_cat.h>

#include <algorithm>

namespace atomix::sim {

std::optional<objection> check_log_time(const raft::entry& before, const raft::entry& e) {
  if (e.kind != raft::entry_kind::term_start || e.time == before.time) return std::nullopt;
  return objection{
      "log time",
      absl::StrCat(
          "term ",
          e.id.term.value(),
          " begins at ",
          e.time.value(),
          " ms, not at ",
          before.time.value(),
          " ms, where the one before it ended"),
      "replicas",
      {}};
}

void leaders_time::stepped(const raft::status& now, const raft::effects& out) {
  node_facts& node = nodes_[now.self];
  const term_t led = now.role == raft::role_name::leader ? now.state.term : term_t{};
  const bool fresh = std::exchange(node.leads, led) != led;
  if (led.is_none() || out.save.entries.empty() || shown_ms_ == nullptr) return;
  const std::uint64_t shown = shown_ms_(now.self);
  if (fresh) {
    node.first = out.save.entries.back().time;
    node.shown_ms = shown;
  }
  for (const raft::entry& e : out.save.entries)
    check(node, e, shown);
}

/// The core knows the time of its last tick.
void leaders_time::check(const node_facts& leader, const raft::entry& e, std::uint64_t shown_ms) {
  const std::uint64_t borne = e.time.value() - leader.first.value();
  const std::uint64_t passed = shown_ms - leader.shown_ms;
  const std::uint64_t apart = std::max(borne, passed) - std::min(borne, passed);
  if (apart <= 2 * raft::options{}.tick_ms) return;
  findings_.add(
      "log time",
      absl::StrCat(
          "index ",
          e.id.index.value(),
          " of term ",
          e.id.term.value(),
          " is ",
          borne,
          " ms younger than the first one of its leader, on whose clock ",
          passed,
          " ms have passed"),
      leader.name);
}

}  // namespace atomix::sim
