// SPDX-License-Identifier: Apache-2.0
#include "actors/applier.hpp"

#include "actors/resource.hpp"

#include "raft/base/check.hpp"
#include "raft/base/fault_point.hpp"
#include "raft/base/planted.hpp"
#include "raft/base/probe.hpp"

#include <algorithm>
#include <utility>

namespace atomix::actors {
namespace {

void start_run(applier_self self);

/// A reply or event and where it belongs in the log.
template <class Item>
struct placed {
  std::uint64_t resource = 0;
  Item item;
};

template <class Item, class Member>
std::vector<placed<Item>> in_log_order(applier_self self, run_in_flight& run, Member member) {
  std::vector<placed<Item>> all;
  for (auto& [number, results] : run.results) {
    for (auto& item : results.*member)
      all.push_back({number, std::move(item)});
  }
  const auto key = [id = self->state.self_id](const auto& one) {
    // Planted: the order of a hash table, another one on each machine.
    if (planted(bug::unordered_apply))
      return std::pair{index_t{}, (one.resource * id.value()) >> 7U};
    return std::pair{one.item.index, one.resource};
  };
  if (all.size() < 2) return all;
  // Stable: what one entry published on one resource stays in its order.
  std::stable_sort(
      all.begin(), all.end(), [&](const auto& a, const auto& b) { return key(a) < key(b); });
  return all;
}

void complete_replies(applier_self self, run_in_flight& run) {
  auto& s = self->state;
  auto all = in_log_order<resources::task_reply>(self, run, &resources::batch_results::replies);
  for (auto& [number, r] : all) {
    resources::cached_reply reply{
        r.sequence, r.index, r.code, std::move(r.error), std::move(r.result)};
    s.sessions.complete(r.session, reply);
    run.output.replies.push_back({r.session, std::move(reply)});
  }
}

void publish_events(applier_self self, run_in_flight& run) {
  auto& s = self->state;
  auto all = in_log_order<resources::task_event>(self, run, &resources::batch_results::events);
  for (auto& [number, e] : all) {
    const auto slot = s.slots.find(number);
    if (slot == s.slots.end()) continue;
    if (!s.sessions.publish(e.to, e.index, slot->second.name, std::move(e.event))) continue;
    if (const auto* fresh = s.sessions.last_event(e.to))
      run.output.events.push_back({e.to, *fresh});
  }
}

log_time next_deadline(const applier_state& s) {
  std::optional<log_time> first = s.sessions.next_deadline();
  for (const auto& [number, slot] : s.slots)
    if (slot.deadline && (!first || *slot.deadline < *first)) first = slot.deadline;
  return first.value_or(log_time{});
}

applied_state state_now(const applier_state& s) {
  applied_state now{s.applied, s.sessions.state_hash(), 0, s.sessions.size()};
  for (const auto& [number, slot] : s.slots)
    now.resources = (now.resources ^ (slot.state_hash + number)) * 0x100000001b3ULL;
  now.hash = (now.hash ^ now.resources) * 0x100000001b3ULL;
  return now;
}

void answer_waiting(applier_self self) {
  for (auto& orders : std::exchange(self->state.queries, {}))
    answer_queries(self, orders);
}

void finish_run(applier_self self) {
  auto& s = self->state;
  auto run = std::move(*s.run);
  s.run.reset();
  fault_point("applier.run_ended");
  complete_replies(self, run);
  publish_events(self, run);
  std::erase_if(s.slots, [](const auto& slot) { return !slot.second.dropped_at.is_none(); });
  ATOMIX_CHECK(
      s.touched.size() <= s.sessions.size(), "nothing is kept of what sessions used that are gone");
  s.applied = run.clock.back().index;
  // Who is behind may not know yet that they have been acknowledged.
  if (s.backlog.empty()) run.output.overflowed = s.sessions.overflowed();
  if (s.outside.observer != nullptr) s.outside.observer->applied(s.self_id, state_now(s));
  if (s.leads) self->send(s.others.gateway, std::move(run.output));
  self->send(s.others.node, applied_upto{s.applied, next_deadline(s)});
  answer_waiting(self);
  start_run(self);
}

using shared_clock = std::shared_ptr<const std::vector<resources::clock_mark>>;

// Time ends for a deleted resource with the entry that deleted it, on every replica alike.
shared_clock clock_of(const resource_slot& slot, const shared_clock& all) {
  if (slot.dropped_at.is_none()) return all;
  auto mine = *all;
  std::erase_if(mine, [&](const auto& mark) { return mark.index > slot.dropped_at; });
  return std::make_shared<const std::vector<resources::clock_mark>>(std::move(mine));
}

void dispatch(applier_self self) {
  auto& s = self->state;
  const auto all = std::make_shared<const std::vector<resources::clock_mark>>(s.run->clock);
  for (auto& [number, slot] : s.slots) {
    const bool due = slot.deadline && *slot.deadline <= all->back().time;
    if (slot.tasks.empty() && !due) continue;
    ++s.run->awaited;
    self->send(slot.actor, resource_work{{clock_of(slot, all), std::exchange(slot.tasks, {})}});
  }
}

void start_run(applier_self self) {
  auto& s = self->state;
  if (s.run || s.backlog.empty()) return;
  const auto entries = std::exchange(s.backlog, {});
  if (entries.size() > 1) sometimes(probe::entries_applied_together);
  s.run.emplace();
  plan(self, entries, *s.run);
  dispatch(self);
  if (s.run->awaited == 0) finish_run(self);
}

void on_results(applier_self self, resource_results& in) {
  auto& s = self->state;
  auto& slot = s.slots.at(in.resource);
  slot.deadline = in.results.next_deadline;
  slot.state_hash = in.state_hash;
  s.run->results.emplace_back(in.resource, std::move(in.results));
  if (--s.run->awaited == 0) finish_run(self);
}

void resume(applier_self self, const resume_session& r) {
  auto& s = self->state;
  applied_output out;
  out.resumed.push_back(r.session);
  for (auto& e : s.sessions.events_after(r.session, r.events_seen))
    out.events.push_back({r.session, std::move(e)});
  if (!out.events.empty()) sometimes(probe::events_sent_again);
  self->send(s.others.gateway, std::move(out));
}

// Also those that would wait for ever: for an index that the log will never reach, say.
void forget_queries(applier_self self, net::connection_id connection) {
  auto& waiting = self->state.queries;
  for (auto& orders : waiting)
    std::erase_if(orders.queries, [&](const auto& q) { return q.connection == connection; });
  std::erase_if(waiting, [](const auto& orders) { return orders.queries.empty(); });
}

void add_entries(applier_self self, committed_entries& in) {
  auto& backlog = self->state.backlog;
  if (backlog.empty()) {
    backlog = std::move(in.entries);
  } else {
    sometimes(probe::applier_behind);
    std::move(in.entries.begin(), in.entries.end(), std::back_inserter(backlog));
  }
  start_run(self);
}

}  // namespace

applier_actor::behavior_type applier(
    applier_self self,
    const world& outside,
    node_id id,
    const resources::machine_registry& registry,
    const resources::session_limits& limits) {
  self->state.outside = outside;
  self->state.self_id = id;
  self->state.registry = registry;
  self->state.sessions = resources::session_table{limits};
  return {
      [=](committed_entries& in) { add_entries(self, in); },
      [=](resource_results& in) { on_results(self, in); },
      [=](query_orders& orders) {
        self->state.queries.push_back(std::move(orders));
        if (!self->state.run) answer_waiting(self);
      },
      [=](colleagues& others) { self->state.others = std::move(others); },
      [=](const asker_gone& a) { forget_queries(self, a.connection); },
      [=](const resume_session& r) { resume(self, r); },
      [=](const leadership& now) {
        self->state.leads = now.leader == self->state.self_id;
        self->state.queries.clear();  // everybody asks again
      },
      [=](const view_request&) {
        const auto& s = self->state;
        return applier_view{s.applied, s.sessions.size(), s.directory.size()};
      },
  };
}

}  // namespace atomix::actors
