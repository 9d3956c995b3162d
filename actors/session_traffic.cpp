// SPDX-License-Identifier: Apache-2.0
#include "actors/session_traffic.hpp"

#include "actors/session_link.hpp"

#include "resources/session.pb.h"

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <utility>

namespace atomix::actors {
namespace {

// Answers stay away although the connection lives: frames may be lost, or the server forgot us.
constexpr std::uint64_t resend_ms = 2000;

void publish_state(session_self self, session_state now) {
  auto& mailbox = *self->state.mailbox;
  std::vector<state_listener> listeners;
  {
    const std::lock_guard lock{mailbox.mutex};
    if (mailbox.state == now) return;
    mailbox.state = now;
    mailbox.id = self->state.id;
    for (const auto& [id, listener] : mailbox.state_listeners)
      listeners.push_back(listener);
  }
  for (const auto& listener : listeners)
    listener(now);
}

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

void send_commands_from(session_self self, std::uint64_t sequence) {
  const auto& commands = self->state.commands;
  if (commands.empty()) return;
  // What was answered meanwhile cannot be sent again: agree on the numbers anew.
  if (sequence < commands.front().sequence) return attach(self);
  for (const auto& c : commands)
    if (c.sequence >= sequence) add_command(self, c);
}

void keep_alive(session_self self) {
  auto& s = self->state;
  log::Entry entry;
  auto* k = entry.mutable_keep_alive();
  k->set_session(s.id.value());
  k->set_replies_seen(s.delivered_sequence);
  k->set_events_seen(s.delivered_event);
  auto* out = s.out.add_requests()->mutable_keep_alive();
  out->set_session(s.id.value());
  out->set_entry(entry.SerializeAsString());
  s.kept_sent_ms = now_ms(self);
}

void open(session_self self) {
  auto& s = self->state;
  log::Entry entry;
  entry.mutable_open_session()->set_token(s.token);
  entry.mutable_open_session()->set_timeout_ms(s.options.timeout_ms);
  auto* out = s.out.add_requests()->mutable_open_session();
  out->set_token(s.token);
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
  // Asks, through the log, whether the session still lives.
  keep_alive(self);
  if (s.closing_ms != 0) {
    log::Entry entry;
    entry.mutable_close_session()->set_session(s.id.value());
    auto* close = s.out.add_requests()->mutable_close_session();
    close->set_session(s.id.value());
    close->set_entry(entry.SerializeAsString());
  }
  // Holes in the sequence (answered, but behind an unanswered one) are sent too: the server counts.
  for (auto c = first; c != s.commands.end(); ++c)
    add_command(self, *c);
  for (const auto& [id, q] : s.queries)
    add_query(self, id, q);
}

void queue_command(session_self self, session_call& call) {
  auto& s = self->state;
  log::Entry entry;
  auto* c = entry.mutable_command();
  c->set_session(s.id.value());
  c->set_sequence(++s.last_sequence);
  c->set_resource(std::move(call.resource.name));
  c->set_type(std::move(call.resource.type));
  c->set_operation(std::move(call.operation));
  c->set_replies_seen(s.delivered_sequence);
  c->set_events_seen(s.delivered_event);
  s.commands.push_back({s.last_sequence, entry.SerializeAsString(), std::move(call.done), {}});
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
  const auto id = ++s.last_query;
  const auto& kept = s.queries.emplace(id, std::move(q)).first->second;
  if (s.link.phase == link_phase::attached) add_query(self, id, kept);
}

// The next thing that the user should hear, in the order of the log; false if nothing is ready.
bool deliver_next(session_self self) {
  auto& s = self->state;
  const auto e = s.events.find(s.delivered_event + 1);
  const bool event_ready = e != s.events.end() && e->second.after_sequence <= s.delivered_sequence;
  const bool reply_ready = !s.commands.empty() && s.commands.front().result.has_value();
  const auto reply_index = [&] {
    const auto& result = *s.commands.front().result;
    return result.ok() ? result->index : index_t{};
  };
  if (event_ready && (!reply_ready || e->second.index < reply_index())) {
    const auto event = std::move(e->second);
    s.events.erase(e);
    ++s.delivered_event;
    std::vector<event_listener> listeners;
    {
      const std::lock_guard lock{s.mailbox->mutex};
      for (const auto& [id, listener] : s.mailbox->listeners[event.resource])
        listeners.push_back(listener);
    }
    for (const auto& listener : listeners)
      listener(event.index, event.event);
    return true;
  }
  if (!reply_ready) return false;
  auto command = std::move(s.commands.front());
  s.commands.pop_front();
  s.delivered_sequence = command.sequence;
  command.done(std::move(*command.result));
  return true;
}

absl::Status status_of(std::uint32_t code, const std::string& error) {
  return absl::Status{static_cast<absl::StatusCode>(code), error};
}

void on_reply(session_self self, wire::Reply& r) {
  auto& s = self->state;
  s.progress_ms = now_ms(self);
  s.seen = std::max(s.seen, index_t{r.index()});
  if (s.commands.empty() || r.sequence() < s.commands.front().sequence) return;
  const auto at = r.sequence() - s.commands.front().sequence;
  if (at >= s.commands.size()) return;
  auto& command = s.commands[at];
  if (command.result) return;
  if (r.code() == 0)
    command.result = outcome{index_t{r.index()}, std::move(*r.mutable_result())};
  else
    command.result = status_of(r.code(), r.error());
}

void on_query_reply(session_self self, wire::QueryReply& r) {
  auto& s = self->state;
  const auto i = s.queries.find(r.id());
  if (i == s.queries.end()) return;
  s.progress_ms = now_ms(self);
  auto done = std::move(i->second.done);
  s.queries.erase(i);
  if (r.code() != 0) return done(status_of(r.code(), r.error()));
  s.seen = std::max(s.seen, index_t{r.index()});
  done(outcome{index_t{r.index()}, std::move(*r.mutable_result())});
}

void on_event(session_self self, wire::Event& e) {
  auto& s = self->state;
  s.seen = std::max(s.seen, index_t{e.index()});
  if (e.number() <= s.delivered_event) return;
  s.events.try_emplace(
      e.number(),
      held_event{
          index_t{e.index()},
          e.after_sequence(),
          std::move(*e.mutable_resource()),
          std::move(*e.mutable_event())});
}

void on_opened_session(session_self self, const wire::SessionOpened& o) {
  auto& s = self->state;
  if (o.token() != s.token || !s.id.is_none()) return;
  s.id = session_id{o.session()};
  s.timeout_ms = o.timeout_ms();
  s.progress_ms = now_ms(self);
  s.failures = 0;
  take_up(self);
  publish_state(self, session_state::connected);
  take_calls(self);
}

void on_kept(session_self self, const wire::SessionKept& k) {
  auto& s = self->state;
  s.failures = 0;
  publish_state(self, session_state::connected);
  // What was published before has arrived before, unless it was lost on the way: asks for it again.
  // Otherwise nobody would notice the loss of a last event, such as the grant of a lock.
  if (k.last_event() > s.delivered_event) attach(self);
}

void handle(session_self self, wire::Response& r) {
  auto& s = self->state;
  using body = wire::Response::BodyCase;
  const auto mine = [&](std::uint64_t session) {
    return session == s.id.value();
  };
  switch (r.body_case()) {
    case body::kSessionOpened:
      return on_opened_session(self, r.session_opened());
    case body::kReply:
      return mine(r.reply().session()) ? on_reply(self, *r.mutable_reply()) : void();
    case body::kQueryReply:
      return on_query_reply(self, *r.mutable_query_reply());
    case body::kEvent:
      return mine(r.event().session()) ? on_event(self, *r.mutable_event()) : void();
    case body::kSessionKept:
      return mine(r.session_kept().session()) ? on_kept(self, r.session_kept()) : void();
    case body::kSessionGone:
      if (mine(r.session_gone().session()))
        end(self, r.session_gone().closed() ? session_state::closed : session_state::expired);
      return;
    case body::kRedirect:
      return on_news(self, r.redirect().leadership());
    case body::kOutOfOrder:
      return send_commands_from(self, r.out_of_order().expected());
    case body::kPong:
      return on_news(self, r.pong().leadership());
    case body::kAttached:
    case body::kStatus:
    case body::BODY_NOT_SET:
      return;
  }
}

}  // namespace

bool is_over(const session_self_state& s) {
  const std::lock_guard lock{s.mailbox->mutex};
  return s.mailbox->state == session_state::expired || s.mailbox->state == session_state::closed;
}

void attach(session_self self) {
  auto& s = self->state;
  s.link.phase = link_phase::attached;
  s.link.since_ms = now_ms(self);
  s.progress_ms = s.link.since_ms;
  if (s.id.is_none())
    open(self);
  else
    take_up(self);
}

void suspend(session_self self) {
  if (!self->state.id.is_none() && !is_over(self->state))
    publish_state(self, session_state::suspended);
}

void take_calls(session_self self) {
  auto& s = self->state;
  std::vector<session_call> calls;
  {
    const std::lock_guard lock{s.mailbox->mutex};
    s.mailbox->calls_queued = false;
    // Commands carry the session's id: those called before it exists stay in the mailbox.
    const bool over =
        s.mailbox->state == session_state::expired || s.mailbox->state == session_state::closed;
    if (s.id.is_none() && !over) return;
    calls.swap(s.mailbox->calls);
  }
  if (is_over(s)) {
    for (auto& call : calls)
      call.done(
          absl::FailedPreconditionError("the session has ended: connect again for a new one"));
    return;
  }
  for (auto& call : calls) {
    if (s.commands.size() + s.queries.size() >= s.options.outstanding_max)
      call.done(absl::ResourceExhaustedError(absl::StrCat(
          "more than ",
          s.options.outstanding_max,
          " calls at once: wait for some of them, or raise outstanding_max")));
    else if (call.is_query)
      queue_query(self, call);
    else
      queue_command(self, call);
  }
  // After a quiet time the first calls get their full patience.
  if (s.commands.size() + s.queries.size() <= calls.size()) s.progress_ms = now_ms(self);
}

void on_responses(session_self self, wire::ResponseBatch& batch) {
  for (auto& r : *batch.mutable_responses())
    handle(self, r);
  while (deliver_next(self)) {
  }
}

void keep_up(session_self self, std::uint64_t now) {
  auto& s = self->state;
  const bool waits = s.id.is_none() || !s.commands.empty() || !s.queries.empty();
  if (waits && now - s.progress_ms > resend_ms) return attach(self);
  if (s.id.is_none()) return;
  const auto every = std::max<std::uint64_t>(s.timeout_ms / 4, 50);
  if (now - s.kept_sent_ms >= every) keep_alive(self);
}

void begin_close(session_self self, std::function<void()> done) {
  auto& s = self->state;
  s.on_closed = std::move(done);
  s.closing_ms = now_ms(self);
  if (s.id.is_none() || is_over(s)) return end(self, session_state::closed);
  if (s.link.phase == link_phase::attached) attach(self);
}

void end(session_self self, session_state how) {
  auto& s = self->state;
  const auto sentence =
      how == session_state::closed
          ? "the session was closed before the answer came"
          : "the session expired before the answer came: the cluster did not hear from this client "
            "for longer than the session timeout";
  auto commands = std::exchange(s.commands, {});
  auto queries = std::exchange(s.queries, {});
  if (!is_over(s)) publish_state(self, how);
  for (auto& c : commands) {
    if (c.result)
      c.done(std::move(*c.result));
    else
      c.done(unknown_outcome(absl::AbortedError(sentence)));
  }
  for (auto& [id, q] : queries)
    q.done(absl::AbortedError(sentence));
  take_calls(self);
  s.out.Clear();
  if (s.link.phase != link_phase::idle) s.outside.network->close(s.link.connection);
  s.link = {};
  if (auto done = std::exchange(s.on_closed, {})) done();
}

void flush(session_self self) {
  auto& s = self->state;
  if (s.out.requests_size() == 0) return;
  if (s.link.phase != link_phase::greeted && s.link.phase != link_phase::attached) {
    s.out.Clear();
    return;
  }
  std::string bytes;
  net::append_frame(bytes, net::frame_type::requests, s.out.SerializeAsString());
  s.out.Clear();
  s.outside.network->send(s.link.connection, std::move(bytes));
}

}  // namespace atomix::actors
