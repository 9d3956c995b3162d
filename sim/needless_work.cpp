// SPDX-License-Identifier: Apache-2.0
#include "sim/needless_work.hpp"

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <variant>

namespace atomix::sim {
namespace {

template <class Message>
bool sends(const raft::effects& out, node_id to) {
  return std::any_of(out.urgent.begin(), out.urgent.end(), [&](const raft::outbound& m) {
    return m.to == to && std::holds_alternative<Message>(m.body);
  });
}

}  // namespace

void needless_work::restarted(node_id id) {
  node_facts& node = nodes_[id];
  node.leads = {};
  node.wanted = {};
  node.last_time.reset();
}

void needless_work::stepped(
    const raft::status& now, const raft::input& in, const raft::effects& out) {
  node_facts& node = nodes_[now.self];
  const term_t led = now.role == raft::role_name::leader ? now.state.term : term_t{};
  if (led != node.leads) node.repeated.clear();
  node.leads = led;
  if (!led.is_none()) check_repetitions(node, in, out);
  if (const auto* applied = std::get_if<raft::applied>(&in)) node.wanted = applied->deadline;
  check_time(node, out);
}

/// A heartbeat's answer shows that the other side lives: what it has not acknowledged since the
/// heartbeat before may be lost, and what was under way on a connection that broke is. Reads, which
/// send heartbeats too, show nothing of the kind.
void needless_work::check_repetitions(
    node_facts& leader, const raft::input& in, const raft::effects& out) {
  if (std::holds_alternative<raft::tick>(in)) {
    std::erase_if(
        leader.repeated, [&](const auto& one) { return sends<raft::heartbeat>(out, one.first); });
  }
  if (const auto* lost = std::get_if<raft::peer_lost>(&in)) leader.repeated.erase(lost->peer);
  const auto* got = std::get_if<raft::received>(&in);
  if (got == nullptr || !std::holds_alternative<raft::heartbeat_reply>(got->body)) return;
  const bool loads = std::any_of(
      out.loads.begin(), out.loads.end(), [&](const auto& load) { return load.peer == got->from; });
  if (!loads && !sends<raft::append_request>(out, got->from)) return;
  if (++leader.repeated[got->from] < 2) return;
  findings_.add(
      "repetitions",
      absl::StrCat(
          "sends entries to ",
          nodes_[got->from].name,
          " again, for the second time since a heartbeat was due"),
      leader.name);
}

void needless_work::check_time(node_facts& node, const raft::effects& out) {
  for (const raft::entry& e : out.save.entries) {
    const bool in_vain =
        node.wanted.is_none() || (node.last_time && *node.last_time >= node.wanted);
    if (!node.leads.is_none() && e.kind == raft::entry_kind::time && in_vain) {
      findings_.add(
          "time entries",
          absl::StrCat(
              "index ",
              e.id.index.value(),
              " only carries time on, and what is due comes by the entries before it"),
          node.name);
    }
    node.last_time = e.time;
  }
}

}  // namespace atomix::sim
