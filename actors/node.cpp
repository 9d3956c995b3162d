// SPDX-License-Identifier: Apache-2.0
#include "actors/node.hpp"

#include "raft/base/fault_point.hpp"
#include "raft/base/planted.hpp"

#include <algorithm>
#include <chrono>
#include <utility>
#include <variant>
#include <vector>

namespace atomix::actors {
namespace {

using self_pointer = node_actor::stateful_pointer<node_state>;

std::uint64_t now_ms(self_pointer self) {
  const auto since = self->clock().now().time_since_epoch();
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::milliseconds>(since).count());
}

bool is_news(const leadership& told, const raft::status& now) {
  return now.state.term != told.term || now.leader != told.leader;
}

void step(self_pointer self, const raft::input& in) {
  auto& s = self->state;
  auto out = s.core->step(in);
  if (s.parts.observer != nullptr) s.parts.observer->stepped(*s.core, in, out);
  // Most ticks of an idle node.
  if (out.empty() && !is_news(s.told, s.core->view())) return;
  raft::merge(s.gathered, std::move(out));
  s.this_turn.gather();
}

// What a node sends to itself (its own vote) never touches the network.
void transmit(self_pointer self, std::vector<raft::outbound> messages) {
  auto& s = self->state;
  const auto is_own = [id = s.parts.options.self](const raft::outbound& m) {
    return m.to == id;
  };
  auto own = std::find_if(messages.begin(), messages.end(), is_own);
  while (own != messages.end()) {
    step(self, raft::received{own->to, std::move(own->body)});
    own = messages.erase(own);
    own = std::find_if(own, messages.end(), is_own);
  }
  if (!messages.empty()) self->send(s.others.peers, outbox{std::move(messages)});
}

void publish_leadership(self_pointer self) {
  auto& s = self->state;
  s.parts.view->raft = s.core->view();
  const raft::status& now = s.parts.view->raft;
  if (!is_news(s.told, now)) return;
  s.told = {now.state.term, now.leader};
  // The applier first: whoever is taken up by a leader's gateway waits for what that applies.
  self->send(s.others.applier, s.told);
  self->send(s.others.gateway, s.told);
  if (s.parts.on_leadership) s.parts.on_leadership(s.parts.view->raft);
}

void flush(self_pointer self) {
  auto& s = self->state;
  auto out = std::exchange(s.gathered, {});
  transmit(self, std::move(out.urgent));
  // Promises travel through the log writer even when there is nothing new to save: that is how they
  // queue behind earlier writes.
  if (!out.save.empty() || !out.after_save.empty()) {
    fault_point("node.save_ordered");
    if (planted(bug::ack_before_sync)) transmit(self, std::exchange(out.after_save, {}));
    s.held.push_back(std::move(out.after_save));
    self->send(s.others.log_writer, save_order{std::move(out.save)});
  }
  // Leadership goes first: the gateway must not take an answer of this term for one of the last.
  publish_leadership(self);
  if (!out.committed.empty())
    self->send(s.others.applier, committed_entries{std::move(out.committed)});
  if (!out.reads.empty()) self->send(s.others.gateway, read_granted{std::move(out.reads)});
  for (const auto& what : out.loads)
    self->send(s.others.log_writer, load_order{what});
}

bool acknowledges_up_to(const std::vector<raft::outbound>& messages, index_t last) {
  return std::all_of(messages.begin(), messages.end(), [&](const raft::outbound& m) {
    const auto* reply = std::get_if<raft::append_reply>(&m.body);
    return reply != nullptr && reply->accepted && reply->index <= last;
  });
}

void release(self_pointer self, const log_saved& done) {
  auto& s = self->state;
  fault_point("node.before_promise");
  for (std::size_t i = 0; i < done.orders; ++i) {
    auto messages = std::move(s.held.front());
    s.held.pop_front();
    transmit(self, std::move(messages));
  }
  for (auto& messages : s.held) {
    if (planted(bug::stale_save_vouches) && acknowledges_up_to(messages, done.last.index))
      transmit(self, std::exchange(messages, {}));
  }
  fault_point("node.after_promise");
  step(self, raft::saved{done.last});
}

void fail(self_pointer self, const absl::Status& why) {
  auto on_failure = std::exchange(self->state.parts.on_failure, {});
  if (on_failure) on_failure(why);
  self->quit(caf::exit_reason::user_shutdown);
}

void propose(self_pointer self, proposals& batch) {
  raft::propose in;
  in.proposals.reserve(batch.commands.size());
  for (auto& c : batch.commands)
    in.proposals.push_back({raft::entry_kind::command, std::move(c)});
  step(self, std::move(in));
}

// How many ticks may be counted together. Whoever was stopped for longer does not know for how long
// others were silent, only that they have not been heard yet: no more than this is held against
// them.
std::uint64_t together(self_pointer self) {
  const auto& s = self->state;
  return std::min<std::uint64_t>(s.core->quiet_ticks(), s.parts.options.heartbeat_ticks - 1) + 1;
}

std::chrono::milliseconds lasting(self_pointer self, std::uint64_t ticks) {
  return std::chrono::milliseconds{ticks * self->state.parts.options.tick_ms};
}

void count_ticks(self_pointer self, alarm::time_point until) {
  auto& s = self->state;
  if (until < s.counted + lasting(self, 1)) return;
  const auto over = static_cast<std::uint64_t>((until - s.counted) / lasting(self, 1));
  const auto count = std::min(over, together(self));
  s.counted = count < over ? until : s.counted + lasting(self, count);
  step(self, raft::tick{now_ms(self), count});
}

void set_alarm(self_pointer self) {
  auto& s = self->state;
  s.next_ticks.set<tick_due>(self, node_actor{self}, s.counted + lasting(self, together(self)));
}

void end_message(self_pointer self) {
  self->state.this_turn.handled<turn_ends, node_actor>(self, [=] { flush(self); });
  set_alarm(self);
}

// Before anything else the core learns what time it is; afterwards the node may sleep until a tick
// that acts. Between two alarms no more counts than from one to the other: if the actors are slow,
// what others have said lies unread until they have run.
template <class Act>
void in_time(self_pointer self, Act act) {
  count_ticks(self, std::min(self->clock().now(), self->state.next_ticks.due()));
  act();
  end_message(self);
}

void wake(self_pointer self, const tick_due& ring) {
  if (!self->state.next_ticks.rings(ring)) return;
  count_ticks(self, self->clock().now());
  end_message(self);
}

void end_turn(self_pointer self) {
  self->state.this_turn.ended([=] { flush(self); });
}

void begin(self_pointer self, colleagues& others) {
  auto& s = self->state;
  s.others = std::move(others);
  step(self, raft::tick{now_ms(self)});
}

}  // namespace

node_actor::behavior_type node(
    self_pointer self,
    const node_parts& parts,
    const std::shared_ptr<raft::recovered_state>& recovered) {
  self->state.parts = parts;
  self->state.counted = self->clock().now();
  self->state.core.emplace(parts.options, std::move(*recovered));
  parts.view->raft = self->state.core->view();
  return {
      // CAF looks for the handler from the top: what comes most comes first.
      [=](peer_messages& in) {
        in_time(self, [&] {
          for (auto& m : in.messages)
            step(self, raft::received{in.from, std::move(m)});
        });
      },
      [=](const log_saved& done) { in_time(self, [&] { release(self, done); }); },
      [=](const applied_upto& a) {
        in_time(self, [&] {
          self->state.parts.view->applied = a.index;
          step(self, raft::applied{a.index, a.deadline});
        });
      },
      [=](proposals& batch) { in_time(self, [&] { propose(self, batch); }); },
      [=](const tick_due& ring) { wake(self, ring); },
      [=](const turn_ends&) { in_time(self, [&] { end_turn(self); }); },
      [=](const read_request& r) { in_time(self, [&] { step(self, raft::read{r.id}); }); },
      [=](colleagues& others) { in_time(self, [&] { begin(self, others); }); },
      [=](log_loaded& in) { in_time(self, [&] { step(self, std::move(in.entries)); }); },
      [=](const log_failed& f) { fail(self, f.why); },
      [=](const peer_down& p) { in_time(self, [&] { step(self, raft::peer_lost{p.peer}); }); },
      [=](const view_request&) {
        in_time(self, [] {});
        return node_view{self->state.core->view(), self->state.core->peers()};
      },
  };
}

}  // namespace atomix::actors
