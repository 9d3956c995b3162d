// SPDX-License-Identifier: Apache-2.0
#include "actors/session_traffic.hpp"

#include "actors/batch_frames.hpp"
#include "actors/session_answers.hpp"
#include "actors/session_deadlines.hpp"
#include "actors/session_link.hpp"

#include "resources/session.pb.h"

#include "raft/base/probe.hpp"

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <utility>

namespace atomix::actors {
namespace {

// Servers keep events until they are acknowledged, and give up who lets too many of them pile up.
constexpr std::uint64_t events_acknowledged_together = 1'000;

void add_command(session_self self, const pending_command& c) {
  auto* out = self->state.out.add_requests()->mutable_command();
  out->set_session(self->state.id.value());
  out->set_sequence(c.sequence);
  out->set_entry(c.entry);
}

void add_query(session_self self, std::uint64_t id, const pending_query& q) {
  auto* out = self->state.out.add_requests()->mutable_query();
  *out = q.request;
  out->set_id(id);
  out->set_session(self->state.id.value());
  out->set_seen_index(self->state.seen.value());
}

void keep_alive(session_self self) {
  auto& s = self->state;
  log::Entry entry;
  auto* k = entry.mutable_keep_alive();
  k->set_session(s.id.value());
  k->set_replies_seen(s.delivered_sequence);
  k->set_events_seen(s.delivered_event);
  s.acknowledged_event = s.delivered_event;
  s.kept_sent_ms = now_ms(self);
  if (s.kept_waiting_ms == 0) s.kept_waiting_ms = s.kept_sent_ms;
  k->set_sent_ms(s.kept_sent_ms);
  auto* out = s.out.add_requests()->mutable_keep_alive();
  out->set_session(s.id.value());
  out->set_entry(entry.SerializeAsString());
}

// The log may hold the first request with this token, so the session's time counts from there: once
// too much of it has passed, another session is asked for.
void renew_token(session_self self) {
  auto& s = self->state;
  const auto now = now_ms(self);
  if (!s.token.empty() && now < s.asked_ms + s.options.timeout_ms / 2) return;
  s.asked_ms = now;
  s.token.clear();
  for (int i = 0; i < 2; ++i) {
    const auto half = s.random.next();
    s.token.append(reinterpret_cast<const char*>(&half), sizeof half);
  }
}

void open(session_self self) {
  auto& s = self->state;
  renew_token(self);
  log::Entry entry;
  entry.mutable_open_session()->set_token(s.token);
  entry.mutable_open_session()->set_timeout_ms(s.options.timeout_ms);
  auto* out = s.out.add_requests()->mutable_open_session();
  out->set_token(s.token);
  out->set_entry(entry.SerializeAsString());
}

void ask_to_close(session_self self) {
  auto& s = self->state;
  log::Entry entry;
  entry.mutable_close_session()->set_session(s.id.value());
  auto* out = s.out.add_requests()->mutable_close_session();
  out->set_session(s.id.value());
  out->set_entry(entry.SerializeAsString());
}

void take_up(session_self self) {
  auto& s = self->state;
  const auto first =
      std::find_if(s.commands.begin(), s.commands.end(), [](const auto& c) { return !c.result; });
  auto* out = s.out.add_requests()->mutable_attach();
  out->set_session(s.id.value());
  out->set_next_sequence(first == s.commands.end() ? s.last_sequence + 1 : first->sequence);
  out->set_events_seen(s.delivered_event);
  out->set_attempt(++s.attempts);
  // Asks, through the log, whether the session still lives.
  keep_alive(self);
  // Holes in the sequence (answered, but behind an unanswered one) are sent too: the server counts.
  // It proposes only what it has not proposed already.
  for (auto c = first; c != s.commands.end(); ++c)
    add_command(self, *c);
  for (const auto& [id, q] : s.queries)
    add_query(self, id, q);
  // Last: what was called before `close` is done before it.
  if (s.closing_ms != 0) ask_to_close(self);
}

void queue_command(session_self self, session_call& call) {
  auto& s = self->state;
  if (s.commands.empty()) s.command_waits_ms = now_ms(self);
  log::Entry entry;
  auto* c = entry.mutable_command();
  c->set_session(s.id.value());
  c->set_sequence(++s.last_sequence);
  c->set_resource(std::move(call.resource.name));
  c->set_type(std::move(call.resource.type));
  c->set_operation(std::move(call.operation));
  c->set_replies_seen(s.delivered_sequence);
  c->set_events_seen(s.delivered_event);
  s.acknowledged_event = s.delivered_event;
  s.commands.push_back({s.last_sequence, entry.SerializeAsString(), std::move(call.done), {}, {}});
  s.outstanding_bytes += s.commands.back().entry.size();
  if (s.link.phase == link_phase::attached) add_command(self, s.commands.back());
}

wire::Consistency on_the_wire(consistency level) {
  switch (level) {
    case consistency::atomic:
      return wire::ATOMIC;
    case consistency::sequential:
      return wire::SEQUENTIAL;
    case consistency::local:
      return wire::LOCAL;
  }
  return wire::ATOMIC;
}

void queue_query(session_self self, session_call& call) {
  auto& s = self->state;
  log::Query what;
  what.set_resource(std::move(call.resource.name));
  what.set_type(std::move(call.resource.type));
  what.set_operation(std::move(call.operation));
  pending_query q;
  q.request.set_after_sequence(s.last_sequence);
  q.request.set_consistency(on_the_wire(call.level));
  q.request.set_query(what.SerializeAsString());
  q.done = std::move(call.done);
  s.outstanding_bytes += q.request.query().size();
  if (s.queries.empty()) s.query_waits_ms = now_ms(self);
  const auto id = ++s.last_query;
  const auto& kept = s.queries.emplace(id, std::move(q)).first->second;
  if (s.link.phase == link_phase::attached) add_query(self, id, kept);
}

absl::Status too_large(const session_options& options, std::size_t size) {
  return absl::InvalidArgumentError(absl::StrCat(
      "an operation of ",
      size,
      " bytes exceeds the limit of ",
      options.operation_bytes_max,
      ": store large things elsewhere and keep their place here"));
}

void take_call(session_self self, session_call& call) {
  auto& s = self->state;
  const auto size = size_of(call);
  if (size > s.options.operation_bytes_max) return call.done(too_large(s.options, size));
  if (s.commands.size() + s.queries.size() + s.answers.size() >= s.options.outstanding_max
      || s.outstanding_bytes + size > s.options.outstanding_bytes_max)
    return call.done(too_many_calls(s.options));
  if (call.is_query) {
    queue_query(self, call);
  } else {
    queue_command(self, call);
  }
}

}  // namespace

std::size_t size_of(const session_call& call) {
  return call.operation.size() + call.resource.name.size() + call.resource.type.size();
}

absl::Status too_many_calls(const session_options& options) {
  return absl::ResourceExhaustedError(absl::StrCat(
      "more than ",
      options.outstanding_max,
      " calls or ",
      options.outstanding_bytes_max,
      " bytes at once: wait for some of them"));
}

void attach(session_self self) {
  auto& s = self->state;
  s.link.phase = link_phase::attached;
  s.link.since_ms = now_ms(self);
  s.command_waits_ms = s.query_waits_ms = s.link.since_ms;
  s.kept_waiting_ms = 0;
  if (s.id.is_none()) {
    open(self);
  } else {
    take_up(self);
  }
}

void send_from(session_self self, std::uint64_t sequence) {
  const auto& commands = self->state.commands;
  if (commands.empty()) return;
  // What was answered meanwhile cannot be sent again: agree on the numbers anew.
  if (sequence < commands.front().sequence) return attach(self);
  for (const auto& c : commands)
    if (c.sequence >= sequence) add_command(self, c);
}

void take_calls(session_self self) {
  auto& s = self->state;
  std::vector<session_call> calls;
  bool over = false;
  {
    const std::lock_guard lock{s.mailbox->mutex};
    s.mailbox->calls_queued = false;
    // Commands carry the session's id: those called before it exists stay in the mailbox.
    over = is_over(s.mailbox->state);
    if (s.id.is_none() && !over) return;
    calls.swap(s.mailbox->calls);
    s.mailbox->calls_bytes = 0;
  }
  for (auto& call : calls) {
    if (over || s.closing_ms != 0) {
      call.done(session_has_ended());
    } else {
      take_call(self, call);
    }
  }
}

void acknowledge_events(session_self self) {
  const auto& s = self->state;
  const bool many = s.delivered_event - s.acknowledged_event >= events_acknowledged_together;
  if (many && s.link.phase == link_phase::attached) keep_alive(self);
}

void keep_up(session_self self, std::uint64_t now) {
  const auto& s = self->state;
  if (now >= deadlines::calls(s)) {
    sometimes(probe::calls_sent_again);
    return attach(self);
  }
  if (now >= deadlines::kept(s)) {
    sometimes(probe::keep_alive_sent_again);
    return attach(self);
  }
  if (now >= deadlines::keep_alive(s)) keep_alive(self);
}

void begin_close(session_self self) {
  auto& s = self->state;
  take_calls(self);  // those came before
  const bool first = s.closing_ms == 0;
  if (first) s.closing_ms = now_ms(self);
  if (s.id.is_none() || is_over(s)) return end(self, session_state::closed);
  if (first && s.link.phase == link_phase::attached) ask_to_close(self);
}

void flush(session_self self) {
  auto& s = self->state;
  if (s.out.requests_size() == 0) return;
  if (s.link.phase != link_phase::greeted && s.link.phase != link_phase::attached) {
    s.out.Clear();
    return;
  }
  s.outside.network->send(s.link.connection, take_frames(net::frame_type::requests, s.out));
}

}  // namespace atomix::actors
