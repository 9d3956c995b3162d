// SPDX-License-Identifier: Apache-2.0
#include "actors/gateway.hpp"

#include "actors/batch_frames.hpp"
#include "actors/gateway_requests.hpp"

#include "resources/session.pb.h"

#include "raft/base/fault_point.hpp"
#include "raft/base/planted.hpp"
#include "raft/base/probe.hpp"

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <iterator>
#include <utility>

namespace atomix::actors {
namespace {

using self_pointer = gateway_self;

void send_responses(self_pointer self) {
  auto& s = self->state;
  for (const auto id : std::exchange(s.dirty, {})) {
    const auto i = s.clients.find(id);
    if (i == s.clients.end()) continue;
    auto& client = i->second;
    client.dirty = false;
    s.outside.network->send(id, take_frames(net::frame_type::responses, client.responses));
  }
}

// One proposal and one read point for all that this turn brought, of all clients.
void flush(self_pointer self) {
  auto& s = self->state;
  if (!s.commands.empty()) fault_point("gateway.before_proposal");
  if (s.commands.size() > 1) sometimes(probe::commands_proposed_together);
  if (!s.commands.empty()) self->send(s.others.node, proposals{std::exchange(s.commands, {})});
  if (planted(bug::leadership_checked_early) && !s.reads.empty())
    self->send(s.others.applier, query_orders{index_t{}, std::exchange(s.reads, {})});
  if (!s.reads.empty()) {
    s.waiting[++s.last_read] = std::exchange(s.reads, {});
    self->send(s.others.node, read_request{s.last_read});
  }
  send_responses(self);
}

void on_granted(self_pointer self, const read_granted& granted) {
  auto& s = self->state;
  for (const auto& g : granted.grants) {
    const auto i = s.waiting.find(g.id);
    if (i == s.waiting.end()) continue;
    self->send(s.others.applier, query_orders{g.index, std::move(i->second)});
    s.waiting.erase(i);
  }
}

// What was proposed or asked under another leader may never be answered: everybody starts over.
void on_leadership(self_pointer self, const leadership& now) {
  auto& s = self->state;
  if (!s.commands.empty()) sometimes(probe::commands_given_up);
  if (!s.waiting.empty() || !s.reads.empty()) sometimes(probe::reads_given_up);
  s.lead = now;
  s.sessions.clear();
  s.opening.clear();
  s.commands.clear();
  s.reads.clear();
  s.waiting.clear();
  for (auto& [id, client] : s.clients) {
    client.sessions.clear();
    client.queries.clear();
    client.query_bytes = 0;
    client.openings = 0;
    if (client.greeted) redirect(self, id);
  }
}

attachment* attached(self_pointer self, session_id session) {
  const auto i = self->state.sessions.find(session);
  return i == self->state.sessions.end() ? nullptr : &i->second;
}

// A run of the log may end between a session's attaching and the word of what it has missed: who
// was told of that run first would miss the events before it. Its events come with that word, and
// its answers wait for it.
void note_resumed(self_pointer self, applied_output& out) {
  for (const auto session : out.resumed) {
    attachment* const a = attached(self, session);
    if (a == nullptr || a->connection.is_none()) continue;
    a->resumed = true;
    if (!a->held.empty()) sometimes(probe::answer_waited_for_events);
    std::move(a->held.begin(), a->held.end(), std::back_inserter(out.replies));
    a->held.clear();
  }
}

void say(self_pointer self, net::connection_id to, session_reply r) {
  auto* reply = respond(self, to).mutable_reply();
  reply->set_session(r.session.value());
  reply->set_sequence(r.reply.sequence);
  reply->set_index(r.reply.index.value());
  reply->set_code(static_cast<std::uint32_t>(r.reply.code));
  reply->set_error(std::move(r.reply.error));
  reply->set_result(std::move(r.reply.result));
}

void add_reply(self_pointer self, session_reply& r) {
  attachment* const a = attached(self, r.session);
  // A leader that applies its log anew comes by what was answered long ago.
  if (a == nullptr || r.reply.sequence < a->wanted) return;
  if (!a->connection.is_none() && !a->resumed) return a->held.push_back(std::move(r));
  settle(*a, r.reply.sequence);
  if (!a->connection.is_none()) say(self, a->connection, std::move(r));
}

void add_event(self_pointer self, event_for& e) {
  const attachment* const a = attached(self, e.session);
  if (a == nullptr || !a->resumed) return;
  auto* event = respond(self, a->connection).mutable_event();
  event->set_session(e.session.value());
  event->set_number(e.event.number);
  event->set_index(e.event.index.value());
  event->set_after_sequence(e.event.after_sequence);
  event->set_resource(std::move(e.event.resource));
  event->set_event(std::move(e.event.event));
}

// In the order of the log, each command's answer before what it published: a batch may be cut into
// several frames anywhere, and clients hand out what each one brings.
void add_results(self_pointer self, applied_output& out) {
  std::stable_sort(out.replies.begin(), out.replies.end(), [](const auto& a, const auto& b) {
    return a.reply.index < b.reply.index;
  });
  auto e = out.events.begin();
  for (auto& r : out.replies) {
    for (; e != out.events.end() && e->event.index < r.reply.index; ++e)
      add_event(self, *e);
    add_reply(self, r);
  }
  for (; e != out.events.end(); ++e)
    add_event(self, *e);
}

void add_session_news(self_pointer self, const applied_output& out) {
  auto& s = self->state;
  for (const auto& o : out.opened) {
    const auto i = s.opening.find(o.token);
    if (i == s.opening.end()) continue;
    const auto connection = i->second;
    s.opening.erase(i);
    --s.clients[connection].openings;
    auto* opened = respond(self, connection).mutable_session_opened();
    opened->set_token(o.token);
    opened->set_session(o.session.value());
    opened->set_timeout_ms(o.timeout_ms);
  }
  for (const auto& k : out.kept) {
    attachment* const a = attached(self, k.session);
    if (a == nullptr) continue;
    a->keep_alives = 0;
    if (a->connection.is_none()) continue;
    auto* kept = respond(self, a->connection).mutable_session_kept();
    kept->set_session(k.session.value());
    kept->set_last_event(k.last_event);
    kept->set_sent_ms(k.sent_ms);
  }
  for (const auto& g : out.gone) {
    const auto i = s.sessions.find(g.session);
    if (i == s.sessions.end()) continue;
    const auto connection = i->second.connection;
    const auto held = std::exchange(i->second.held, {});
    s.sessions.erase(i);
    if (connection.is_none()) continue;
    // No events come before these any more: they went with the session.
    for (const auto& r : held)
      say(self, connection, r);
    s.clients[connection].sessions.erase(g.session);
    auto* gone = respond(self, connection).mutable_session_gone();
    gone->set_session(g.session.value());
    gone->set_closed(g.closed);
  }
}

// A slow consumer is cut off, never silently skipped. When its queue is found full depends on how a
// replica batches, so it is given up through the log.
void end_overflowed(self_pointer self, const std::vector<session_id>& sessions) {
  auto& s = self->state;
  if (!s.leads()) return;
  for (const auto session : sessions) {
    if (s.outside.log) {
      s.outside.log(
          severity::warning,
          absl::StrCat(
              "session ",
              session.value(),
              " does not take its events: too many wait for it, or one is larger than the limit "
              "of ",
              resources::session_limits{}.event_bytes_max,
              " bytes. It is given up."));
    }
    log::Entry entry;
    entry.mutable_close_session()->set_session(session.value());
    entry.mutable_close_session()->set_let_expire(true);
    s.commands.emplace_back(entry.SerializeAsString());
    self->state.this_turn.gather();
  }
}

void on_applied(self_pointer self, applied_output& out) {
  note_resumed(self, out);
  add_results(self, out);
  add_session_news(self, out);
  end_overflowed(self, out.overflowed);
}

void on_answers(self_pointer self, query_answers& in) {
  for (auto& a : in.answers) {
    const auto i = self->state.clients.find(a.connection);
    if (i == self->state.clients.end()) continue;
    auto& client = i->second;
    // Asked under an earlier leader. Its session is not taken up again yet: the answer would come
    // before events that it has seen.
    const auto asked = client.queries.find(a.id);
    if (asked == client.queries.end()) continue;
    client.query_bytes -= asked->second;
    client.queries.erase(asked);
    auto* reply = respond(self, a.connection).mutable_query_reply();
    reply->set_id(a.id);
    reply->set_index(a.index.value());
    reply->set_code(static_cast<std::uint32_t>(a.result.code));
    reply->set_error(std::move(a.result.error));
    reply->set_result(std::move(a.result.result));
  }
}

// Far more than sessions that are busy when their connections end. Forgotten ones cost a second
// proposal, not an answer.
constexpr std::size_t sessions_kept = 100'000;

// Answers that wait go with the connection: their client asks for them again.
void leave(gateway_state& s, session_id session) {
  const auto i = s.sessions.find(session);
  attachment& a = i->second;
  for (const auto& r : std::exchange(a.held, {}))
    settle(a, r.reply.sequence);
  a.connection = {};
  a.resumed = false;
  if (a.sizes.empty() || s.sessions.size() > sessions_kept) s.sessions.erase(i);
}

// What a stranger sent by mistake is worth a word; that people leave is not.
void on_closed(self_pointer self, const connection_closed& c) {
  auto& s = self->state;
  const auto i = s.clients.find(c.connection);
  if (i != s.clients.end() && s.outside.log && !absl::IsUnavailable(c.why)) {
    s.outside.log(
        severity::warning,
        absl::StrCat("client ", i->second.remote, ": ", std::string(c.why.message())));
  }
  forget(self, c.connection);
}

}  // namespace

gateway_state::~gateway_state() {
  for (const auto& [connection, client] : clients)
    hang_up(connection);
}

void forget(gateway_self self, net::connection_id connection) {
  auto& s = self->state;
  const auto i = s.clients.find(connection);
  if (i == s.clients.end()) return;
  for (const session_id session : i->second.sessions)
    leave(s, session);
  std::erase_if(s.opening, [&](const auto& o) { return o.second == connection; });
  const auto asked_by_it = [&](const query_order& q) {
    return q.connection == connection;
  };
  std::erase_if(s.reads, asked_by_it);
  for (auto& [read, orders] : s.waiting)
    std::erase_if(orders, asked_by_it);
  s.clients.erase(i);
  if (s.others.applier) self->send(s.others.applier, asker_gone{connection});
}

void settle(attachment& a, std::uint64_t sequence) {
  for (; a.oldest <= sequence && !a.sizes.empty(); ++a.oldest) {
    a.bytes -= a.sizes.front();
    a.sizes.pop_front();
  }
}

void end_message(gateway_self self) {
  self->state.this_turn.handled<turn_ends, gateway_actor>(self, [=] { flush(self); });
}

wire::Response& respond(gateway_self self, net::connection_id connection) {
  auto& s = self->state;
  auto& client = s.clients[connection];
  if (!std::exchange(client.dirty, true)) s.dirty.push_back(connection);
  self->state.this_turn.gather();
  return *client.responses.add_responses();
}

void redirect(gateway_self self, net::connection_id connection) {
  sometimes(probe::client_redirected);
  const auto& lead = self->state.lead;
  auto* where = respond(self, connection).mutable_redirect()->mutable_leadership();
  where->set_term(lead.term.value());
  where->set_leader(lead.leader.value());
}

gateway_actor::behavior_type gateway(
    gateway_self self, const world& outside, const replica_setup& setup, const closing& hang_up) {
  self->state.hang_up = hang_up;
  self->state.outside = outside;
  self->state.setup = setup;
  self->state.self_id = id_of(setup.name);
  // What a message brings is passed on with what else has come this turn.
  const auto in_turn = [=](auto act) {
    act();
    end_message(self);
  };
  return {
      [=](inbound& in) { in_turn([&] { handle_frames(self, in); }); },
      [=](applied_output& out) { in_turn([&] { on_applied(self, out); }); },
      [=](query_answers& in) { in_turn([&] { on_answers(self, in); }); },
      [=](const read_granted& granted) { on_granted(self, granted); },
      [=](colleagues& others) { self->state.others = std::move(others); },
      [=](const connection_opened& c) { self->state.clients[c.connection].remote = c.remote; },
      [=](const connection_closed& c) { on_closed(self, c); },
      [=](const leadership& now) { in_turn([&] { on_leadership(self, now); }); },
      [=](const turn_ends&) { self->state.this_turn.ended([=] { flush(self); }); },
  };
}

}  // namespace atomix::actors
