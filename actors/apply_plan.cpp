// SPDX-License-Identifier: Apache-2.0
#include "actors/applier.hpp"
#include "actors/resource.hpp"

#include "resources/session.pb.h"

#include "raft/base/planted.hpp"
#include "raft/base/probe.hpp"

#include <absl/strings/str_cat.h>

#include <chrono>
#include <utility>

namespace atomix::actors {
namespace {

/// One entry on its way through the plan.
struct planning {
  applier_self self;
  run_in_flight& run;
  const raft::entry& entry;
  log_time time;  // that sessions go by

  [[nodiscard]] applier_state& state() const { return self->state; }
  [[nodiscard]] index_t index() const { return entry.id.index; }
};

// The log's, and nobody's clock: sessions end at the same entry everywhere.
log_time time_of(applier_self self, const raft::entry& entry) {
  if (!planted(bug::expiry_by_own_clock)) return entry.time;
  const auto now = self->clock().now().time_since_epoch();
  const auto now_ms = std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
  return log_time{static_cast<std::uint64_t>(now_ms)};
}

// Every resource that the session used learns of its end, at this entry's place in the log.
void end_session(const planning& p, session_id session, bool closed) {
  auto& s = p.state();
  p.run.output.gone.push_back({session, closed});
  const auto used = s.touched.find(session);
  if (used == s.touched.end()) return;
  if (used->second.size() > 1) sometimes(probe::session_end_concerns_many);
  for (const auto number : used->second) {
    auto& slot = s.slots.at(number);
    slot.users.erase(session);
    slot.tasks.push_back({resources::task_kind::session_closed, p.index(), session, 0, {}});
  }
  s.touched.erase(used);
}

void answer(const planning& p, const log::Command& c, resources::cached_reply reply) {
  p.state().sessions.complete(session_id{c.session()}, reply);
  p.run.output.replies.push_back({session_id{c.session()}, std::move(reply)});
}

void answer_with(const planning& p, const log::Command& c, const absl::Status& status) {
  answer(p, c, {c.sequence(), p.index(), status.code(), std::string(status.message()), {}});
}

resource_slot& make_resource(
    const planning& p, const log::Command& c, std::shared_ptr<resources::machine_host> host) {
  auto& s = p.state();
  const auto number = ++s.resources_made;
  s.directory[c.resource()] = number;
  auto& slot = s.slots[number];
  slot.number = number;
  slot.name = c.resource();
  slot.type = c.type();
  slot.actor = p.self->spawn(
      resource,
      resource_parts{
          number, applier_actor{p.self}, s.others.gateway, s.outside.observer != nullptr},
      std::move(host));
  return slot;
}

void remove_resource(const planning& p, const log::Command& c, resource_slot& slot) {
  auto& s = p.state();
  sometimes(probe::resource_deleted);
  // What the log did to it before this entry still counts: it goes with the end of the run.
  slot.dropped_at = p.index();
  slot.tasks.push_back({resources::task_kind::deleted, p.index(), {}, 0, {}});
  s.directory.erase(c.resource());
  for (const auto user : slot.users) {
    if (const auto used = s.touched.find(user); used != s.touched.end())
      used->second.erase(slot.number);
  }
  answer_with(p, c, absl::OkStatus());
}

resources::task task_of(const planning& p, log::Command& c) {
  return {
      resources::task_kind::command,
      p.index(),
      session_id{c.session()},
      c.sequence(),
      shared_bytes{std::move(*c.mutable_operation())}};
}

// It answers, and is gone.
void ask_fresh(const planning& p, log::Command& c, resources::machine_host& host) {
  sometimes(probe::undo_without_resource);
  const std::vector<resources::clock_mark> clock{{p.index(), p.time}};
  auto done = host.run(
      {std::make_shared<const std::vector<resources::clock_mark>>(clock), {task_of(p, c)}});
  auto& reply = done.replies.front();
  answer(
      p,
      c,
      {reply.sequence, reply.index, reply.code, std::move(reply.error), std::move(reply.result)});
}

void apply_to(const planning& p, log::Command& c, resource_slot& slot) {
  const session_id session{c.session()};
  if (p.state().touched[session].insert(slot.number).second) slot.users.insert(session);
  slot.tasks.push_back(task_of(p, c));
}

void apply_to_new(const planning& p, log::Command& c) {
  std::shared_ptr<resources::machine_host> host = p.state().registry.make(c.type());
  if (host == nullptr) {
    return answer_with(
        p,
        c,
        absl::InvalidArgumentError(
            absl::StrCat("unknown resource type '", c.type(), "': the servers do not have it")));
  }
  // Nothing is made only to remove it, or to take back what was never done to it.
  if (c.operation().empty()) return answer_with(p, c, absl::OkStatus());
  if (host->undoes(c.operation())) return ask_fresh(p, c, *host);
  apply_to(p, c, make_resource(p, c, std::move(host)));
}

void apply_fresh(const planning& p, log::Command& c) {
  auto& s = p.state();
  if (c.resource().empty())
    return answer_with(p, c, absl::InvalidArgumentError("a resource needs a name"));
  const auto i = s.directory.find(c.resource());
  if (i == s.directory.end()) return apply_to_new(p, c);
  auto& slot = s.slots.at(i->second);
  if (slot.type != c.type()) {
    return answer_with(
        p,
        c,
        absl::FailedPreconditionError(absl::StrCat(
            "inconsistent resource type: '",
            c.resource(),
            "' is a ",
            slot.type,
            ", not a ",
            c.type())));
  }
  if (c.operation().empty()) return remove_resource(p, c, slot);
  apply_to(p, c, slot);
}

void apply_command(const planning& p, log::Command& c) {
  auto& s = p.state();
  const session_id session{c.session()};
  if (!s.sessions.keep_alive(session, c.replies_seen(), c.events_seen(), p.time)) {
    sometimes(probe::command_after_session_end);
    p.run.output.gone.push_back({session, false});
    return;
  }
  const auto admitted = s.sessions.admit(session, c.sequence(), p.index(), p.time);
  switch (admitted.verdict) {
    case resources::admission::fresh:
      return apply_fresh(p, c);
    case resources::admission::duplicate:
      p.run.output.replies.push_back({session, *admitted.reply});
      return;
    case resources::admission::unknown_session:
      p.run.output.gone.push_back({session, false});
      return;
    // Pending: its reply is on its way. Forgotten: nobody waits. Gap: the client, not hearing a
    // reply, sends again from the first command it misses.
    case resources::admission::pending:
    case resources::admission::forgotten:
    case resources::admission::gap:
      return;
  }
}

void keep_alive(const planning& p, const log::KeepAlive& k) {
  auto& sessions = p.state().sessions;
  const session_id session{k.session()};
  if (!sessions.keep_alive(session, k.replies_seen(), k.events_seen(), p.time)) {
    sometimes(probe::keep_alive_after_session_end);
    p.run.output.gone.push_back({session, false});
    return;
  }
  const auto* last = sessions.last_event(session);
  p.run.output.kept.push_back({session, last == nullptr ? 0 : last->number, k.sent_ms()});
}

void close_session(const planning& p, const log::CloseSession& c) {
  const session_id session{c.session()};
  if (!c.let_expire() && p.state().sessions.close(session)) return end_session(p, session, true);
  if (c.let_expire() && p.state().sessions.let_expire(session)) sometimes(probe::session_let_go);
  p.run.output.gone.push_back({session, false});
}

void apply_entry(const planning& p) {
  auto& s = p.state();
  log::Entry e;
  const auto bytes = p.entry.data.view();
  if (!e.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) return;
  using body = log::Entry::BodyCase;
  switch (e.body_case()) {
    case body::kOpenSession: {
      const auto& o = e.open_session();
      const auto id = s.sessions.open(p.index(), o.token(), o.timeout_ms(), p.time);
      p.run.output.opened.push_back({o.token(), id, s.sessions.timeout_ms(id)});
      return;
    }
    case body::kCommand:
      return apply_command(p, *e.mutable_command());
    case body::kKeepAlive:
      return keep_alive(p, e.keep_alive());
    case body::kCloseSession:
      return close_session(p, e.close_session());
    case body::BODY_NOT_SET:
      return;  // of a newer version: every replica of this version skips it alike
  }
}

}  // namespace

void plan(applier_self self, const std::vector<raft::entry>& entries, run_in_flight& run) {
  auto& s = self->state;
  run.clock.reserve(entries.size());
  for (const auto& entry : entries) {
    const planning p{self, run, entry, time_of(self, entry)};
    run.clock.push_back({entry.id.index, entry.time});
    s.now = entry.time;
    if (entry.kind == raft::entry_kind::term_start) s.sessions.grant_grace(p.time);
    const bool by_now = planted(bug::replay_judged_by_now) && s.applied.is_none();
    for (const auto session : s.sessions.advance(by_now ? entries.back().time : p.time))
      end_session(p, session, false);
    if (entry.kind == raft::entry_kind::command) apply_entry(p);
  }
}

}  // namespace atomix::actors
