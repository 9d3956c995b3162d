// SPDX-License-Identifier: Apache-2.0
#include "actors/session_answers.hpp"

#include "actors/session_deadlines.hpp"
#include "actors/session_link.hpp"
#include "actors/session_traffic.hpp"

#include "raft/base/probe.hpp"

#include <algorithm>
#include <utility>

namespace atomix::actors {
namespace {

// Adds nothing to the map: most resources have no listener, and names come from the cluster.
std::vector<event_listener> listeners_of(session_mailbox& mailbox, const std::string& resource) {
  std::vector<event_listener> found;
  const std::lock_guard lock{mailbox.mutex};
  const auto at = mailbox.listeners.find(resource);
  if (at == mailbox.listeners.end()) return found;
  for (const auto& [id, listener] : at->second)
    found.push_back(listener);
  return found;
}

void deliver_event(session_self self, std::map<std::uint64_t, held_event>::iterator at) {
  auto& s = self->state;
  const auto event = std::move(at->second);
  s.events.erase(at);
  ++s.delivered_event;
  for (const auto& listener : listeners_of(*s.mailbox, event.resource))
    listener(event.index, event.event);
}

// A listener hears of a change before a query shows it. Events may wait for replies that were lost
// with a connection, whereas queries are asked again at once.
bool deliver_answer(session_self self) {
  auto& s = self->state;
  if (s.answers.empty()) return false;
  if (!s.events.empty() && s.events.begin()->second.index <= s.answers.front().index) {
    sometimes(probe::answer_waits_for_event);
    return false;
  }
  auto answer = std::move(s.answers.front());
  s.answers.pop_front();
  answer.done(std::move(answer.result));
  return true;
}

// The next thing that the user should hear, in the order of the log; false if nothing is ready.
bool deliver_next(session_self self) {
  auto& s = self->state;
  const auto e = s.events.find(s.delivered_event + 1);
  const bool event_ready = e != s.events.end() && e->second.after_sequence <= s.delivered_sequence;
  const bool reply_ready = !s.commands.empty() && s.commands.front().result.has_value();
  if (event_ready && (!reply_ready || e->second.index < s.commands.front().index)) {
    deliver_event(self, e);
    return true;
  }
  if (e != s.events.end() && !event_ready) sometimes(probe::event_waits_for_reply);
  if (!reply_ready) return deliver_answer(self);
  auto command = std::move(s.commands.front());
  s.commands.pop_front();
  s.outstanding_bytes -= command.entry.size();
  s.delivered_sequence = command.sequence;
  command.done(std::move(*command.result));
  return true;
}

void deliver(session_self self) {
  while (deliver_next(self)) {
  }
}

void on_reply(session_self self, wire::Reply& r) {
  auto& s = self->state;
  s.seen = std::max(s.seen, index_t{r.index()});
  if (s.commands.empty() || r.sequence() < s.commands.front().sequence) return;
  const auto at = r.sequence() - s.commands.front().sequence;
  if (at >= s.commands.size()) return;
  if (at > 0 && !s.commands.front().result) sometimes(probe::reply_overtakes);
  auto& command = s.commands[at];
  if (command.result) return sometimes(probe::reply_repeated);
  if (at == 0) s.command_waits_ms = now_ms(self);
  // Until then the oldest query waits for its session's past, not for an answer that may be lost.
  if (!s.queries.empty() && r.sequence() <= s.queries.begin()->second.request.after_sequence())
    s.query_waits_ms = now_ms(self);
  command.index = index_t{r.index()};
  if (r.code() == 0) {
    command.result = outcome{command.index, std::move(*r.mutable_result())};
  } else {
    command.result = status_from_wire(r.code(), r.error());
  }
}

void on_query_reply(session_self self, wire::QueryReply& r) {
  auto& s = self->state;
  const auto i = s.queries.find(r.id());
  if (i == s.queries.end()) return;
  // Who leads no more tells of no events: what it shows may be ahead of them. It is asked again.
  if (s.link.phase != link_phase::attached) return;
  if (i == s.queries.begin()) s.query_waits_ms = now_ms(self);
  const index_t index{r.index()};
  absl::StatusOr<outcome> result = outcome{index, std::move(*r.mutable_result())};
  if (r.code() != 0) result = status_from_wire(r.code(), r.error());
  if (result.ok()) s.seen = std::max(s.seen, index);
  s.outstanding_bytes -= i->second.request.query().size();
  s.answers.push_back({index, std::move(i->second.done), std::move(result)});
  s.queries.erase(i);
  deliver(self);
}

void on_event(session_self self, wire::Event& e) {
  auto& s = self->state;
  s.seen = std::max(s.seen, index_t{e.index()});
  if (e.number() <= s.delivered_event) return sometimes(probe::event_repeated);
  if (e.number() > s.delivered_event + 1 && !s.events.contains(e.number() - 1))
    sometimes(probe::event_overtakes);
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
  if (o.token() != s.token || !s.id.is_none() || o.session() == 0) return;
  // The log may hold the first request since then, and says so only now.
  if (now_ms(self) >= deadlines::expiry(s.asked_ms, o.timeout_ms())) {
    s.token.clear();
    return attach(self);
  }
  s.id = session_id{o.session()};
  s.seen = index_t{o.session()};  // its opening
  s.timeout_ms = o.timeout_ms();
  s.confirmed_ms = s.asked_ms;
  s.failures = 0;
  attach(self);
  publish_state(self, session_state::connected);
  take_calls(self);
}

void on_kept(session_self self, const wire::SessionKept& k) {
  auto& s = self->state;
  s.failures = 0;
  s.kept_waiting_ms = 0;
  s.confirmed_ms = std::max(s.confirmed_ms, std::min(k.sent_ms(), s.kept_sent_ms));
  // A late word from a server that leads no more, or has not taken us up yet, proves little.
  if (s.link.phase != link_phase::attached) return;
  publish_state(self, session_state::connected);
  // What was published before has arrived before, unless it was lost on the way: asks for it again.
  // Otherwise nobody would notice the loss of a last event, such as the grant of a lock. (Events
  // that are here may wait for a reply: those are not lost.)
  if (k.last_event() <= s.delivered_event) return;
  const auto held = std::distance(s.events.begin(), s.events.upper_bound(k.last_event()));
  if (static_cast<std::uint64_t>(held) == k.last_event() - s.delivered_event) return;
  sometimes(probe::event_missed);
  attach(self);
}

void on_session_gone(session_self self) {
  // What the cluster did before it let go of the session still counts.
  deliver(self);
  const bool asked = self->state.closing_ms != 0;
  end(self, asked ? session_state::closed : session_state::expired);
}

void handle(session_self self, wire::Response& r) {
  auto& s = self->state;
  using body = wire::Response::BodyCase;
  const auto mine = [&](std::uint64_t session) {
    return !s.id.is_none() && session == s.id.value();
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
      return mine(r.session_gone().session()) ? on_session_gone(self) : void();
    case body::kRedirect:
      return on_news(self, r.redirect().leadership());
    case body::kOutOfOrder:
      return mine(r.out_of_order().session()) ? send_from(self, r.out_of_order().expected())
                                              : void();
    case body::kPong:
      return on_news(self, r.pong().leadership());
    case body::kAttached:
    case body::kStatus:
    case body::BODY_NOT_SET:
      return;
  }
}

// Nobody is told twice: the mailbox knows the state before anybody hears of it.
void enter_state(session_mailbox& mailbox, session_id id, session_state now) {
  std::vector<std::shared_ptr<state_watcher>> watchers;
  decltype(mailbox.listeners) needless;  // may own handles, which own the session
  std::uint64_t number = 0;
  {
    const std::lock_guard lock{mailbox.mutex};
    if (mailbox.state == now || is_over(mailbox.state)) return;
    mailbox.state = now;
    mailbox.id = id;
    number = ++mailbox.state_number;
    for (const auto& [listener, watcher] : mailbox.watchers)
      watchers.push_back(watcher);
    if (is_over(now)) {
      mailbox.watchers.clear();
      needless.swap(mailbox.listeners);
    }
  }
  for (const auto& watcher : watchers)
    watcher->tell(number, now);
}

// The session is over: nobody is added any more.
void tell_closers(session_mailbox& mailbox) {
  std::vector<std::function<void()>> closers;
  {
    const std::lock_guard lock{mailbox.mutex};
    closers.swap(mailbox.closers);
  }
  for (const auto& done : closers)
    done();
}

}  // namespace

void state_watcher::tell(std::uint64_t number, session_state state) {
  const std::lock_guard lock{mutex};
  if (number <= told) return;
  told = number;
  listener(state);
}

session_self_state::~session_self_state() {
  if (mailbox == nullptr) return;
  enter_state(*mailbox, id, session_state::closed);
  std::vector<session_call> calls;
  {
    const std::lock_guard lock{mailbox->mutex};
    calls.swap(mailbox->calls);
  }
  for (auto& call : calls)
    call.done(session_has_ended());
  const auto lost =
      unknown_outcome(absl::AbortedError("this client was shut down before the answer came"));
  for (auto& c : commands)
    c.done(lost);  // also if an answer was held back: nobody knows here what time it is
  for (auto& [number, q] : queries)
    q.done(lost);
  for (auto& a : answers)
    a.done(lost);
  tell_closers(*mailbox);
}

absl::Status session_has_ended() {
  return absl::FailedPreconditionError("the session has ended: connect again for a new one");
}

absl::Status status_from_wire(std::uint32_t code, const std::string& text) {
  constexpr auto last = static_cast<std::uint32_t>(absl::StatusCode::kUnauthenticated);
  return absl::Status{
      code == 0 || code > last ? absl::StatusCode::kUnknown : static_cast<absl::StatusCode>(code),
      text};
}

bool is_over(session_state state) {
  return state == session_state::expired || state == session_state::closed;
}

bool is_over(const session_self_state& s) {
  const std::lock_guard lock{s.mailbox->mutex};
  return is_over(s.mailbox->state);
}

void publish_state(session_self self, session_state now) {
  enter_state(*self->state.mailbox, self->state.id, now);
}

void suspend(session_self self) {
  if (!self->state.id.is_none()) publish_state(self, session_state::suspended);
}

void on_responses(session_self self, wire::ResponseBatch& batch) {
  for (auto& r : *batch.mutable_responses()) {
    handle(self, r);
    if (is_over(self->state)) return;
  }
  deliver(self);
  acknowledge_events(self);
}

bool end_if_overdue(session_self self, std::uint64_t now) {
  auto& s = self->state;
  if (now < deadlines::expiry(s) || is_over(s)) return false;
  sometimes(probe::session_gives_itself_up);
  // Answers that were held back for their order come too late as well: a lock that they grant may
  // be another's by now.
  for (auto& c : s.commands)
    c.result.reset();
  const auto late = "the answer came, but waited for events until the session expired";
  for (auto& a : s.answers)
    a.result = absl::AbortedError(late);
  end(self, s.closing_ms != 0 ? session_state::closed : session_state::expired);
  return true;
}

void end(session_self self, session_state how) {
  auto& s = self->state;
  const auto sentence =
      how == session_state::closed
          ? "the session was closed before the answer came"
          : "the session expired before the answer came: the cluster and this client were out of "
            "touch for the session timeout, or its events were not taken";
  auto commands = std::exchange(s.commands, {});
  auto queries = std::exchange(s.queries, {});
  auto answers = std::exchange(s.answers, {});
  s.events.clear();
  s.outstanding_bytes = 0;
  // Answers that were held back for their order come before the end: a handle that hears them after
  // it would wait for events that never come.
  for (auto& c : commands)
    if (c.result) c.done(std::move(*c.result));
  for (auto& a : answers)
    a.done(std::move(a.result));
  publish_state(self, how);
  for (auto& c : commands)
    if (!c.result) c.done(unknown_outcome(absl::AbortedError(sentence)));
  for (auto& [id, q] : queries)
    q.done(absl::AbortedError(sentence));
  take_calls(self);
  s.out.Clear();
  if (s.link.phase != link_phase::idle) s.outside.network->close(s.link.connection);
  s.link = {};
  tell_closers(*s.mailbox);
  self->quit();
}

}  // namespace atomix::actors
