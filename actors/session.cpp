// SPDX-License-Identifier: Apache-2.0
#include "actors/session.hpp"

#include "actors/session_answers.hpp"
#include "actors/session_deadlines.hpp"
#include "actors/session_link.hpp"
#include "actors/session_state.hpp"
#include "actors/session_traffic.hpp"

#include <absl/strings/str_cat.h>

#include <chrono>
#include <utility>

namespace atomix::actors {
namespace {

/// Turns what the network says into messages. Does not keep the actor alive: that is up to its
/// timer, which ends with the actor system, while users may hold a session for longer.
class link_handler final : public net::connection_handler {
 public:
  explicit link_handler(const session_actor& to) : to_(caf::actor_cast<caf::weak_actor_ptr>(to)) {}
  void opened(net::connection_id c, const std::string& remote) override {
    tell(connection_opened{c, remote});
  }
  void received(net::connection_id c, std::vector<net::frame> frames) override {
    tell(inbound{c, std::move(frames)});
  }
  void closed(net::connection_id c, const absl::Status& why) override {
    tell(connection_closed{c, why});
  }

 private:
  template <class Message>
  void tell(Message m) {
    if (const auto to = caf::actor_cast<session_actor>(to_)) caf::anon_send(to, std::move(m));
  }
  caf::weak_actor_ptr to_;
};

void on_frames(session_self self, inbound& in) {
  auto& s = self->state;
  if (in.connection != s.link.connection || s.link.phase == link_phase::idle) return;
  const auto now = now_ms(self);
  // Answers that come out of a long sleep belong to a session that others believe to be over.
  if (end_if_overdue(self, now)) return;
  s.link.heard_ms = now;
  for (const auto& f : in.frames) {
    if (in.connection != s.link.connection || s.link.phase == link_phase::idle) return;
    const auto bytes = f.payload.view();
    const auto size = static_cast<int>(bytes.size());
    if (f.type == net::frame_type::responses) {
      wire::ResponseBatch batch;
      if (batch.ParseFromArray(bytes.data(), size)) on_responses(self, batch);
    } else if (f.type == net::frame_type::server_hello) {
      wire::ServerHello hello;
      if (hello.ParseFromArray(bytes.data(), size)) on_server_hello(self, hello);
    } else if (f.type == net::frame_type::refusal) {
      wire::Refusal refusal;
      if (refusal.ParseFromArray(bytes.data(), size)) on_refusal(self, refusal);
    }
  }
}

void on_gone(session_self self, const connection_closed& c) {
  auto& s = self->state;
  if (c.connection != s.link.connection || s.link.phase == link_phase::idle) return;
  abandon(self, c.why);
}

// What came is done; the session sleeps until something else comes or may be due.
void finish_turn(session_self self) {
  flush(self);
  auto& s = self->state;
  if (is_over(s)) return;
  const std::chrono::milliseconds due{deadlines::next(s)};
  s.next_tick.set<session_tick>(self, session_actor{self}, alarm::time_point{due});
}

session_actor::behavior_type session_behavior(
    session_self self,
    const world& outside,
    const session_options& options,
    const std::shared_ptr<session_mailbox>& mailbox) {
  auto& s = self->state;
  s.outside = outside;
  s.options = options;
  s.mailbox = mailbox;
  // Sessions that share a world must not share a token: it is their name until they have an id.
  s.random = prng{outside.seed ^ 0x73657373696f6eULL ^ (self->id() * 0x9e3779b97f4a7c15ULL)};
  s.next_server = s.random.below(options.servers.size());
  s.handler = std::make_unique<link_handler>(session_actor{self});
  s.next_tick.set<session_tick>(self, session_actor{self}, self->clock().now());
  return {
      [=](inbound& in) {
        on_frames(self, in);
        finish_turn(self);
      },
      [=](const calls_due&) {
        take_calls(self);
        finish_turn(self);
      },
      [=](const connection_opened& c) {
        on_opened(self, c.connection);
        finish_turn(self);
      },
      [=](const connection_closed& c) {
        on_gone(self, c);
        finish_turn(self);
      },
      [=](const session_tick& ring) {
        if (!self->state.next_tick.rings(ring)) return;
        on_tick(self);
        finish_turn(self);
      },
      [=](const session_close&) {
        begin_close(self);
        finish_turn(self);
      },
  };
}

/// The users' end. Calls only fill the mailbox; one message wakes the actor, however many calls.
class session_door final : public session {
 public:
  session_door(
      const session_actor& actor,
      const session_options& options,
      std::shared_ptr<session_mailbox> mailbox)
      : actor_(caf::actor_cast<caf::weak_actor_ptr>(actor)),
        options_(options),
        mailbox_(std::move(mailbox)) {}
  ~session_door() override { close({}); }

  void command(const resource_name& resource, std::string operation, completion done) override {
    call({false, resource, std::move(operation), consistency::atomic, std::move(done)});
  }
  void query(
      const resource_name& resource,
      std::string operation,
      consistency level,
      completion done) override {
    call({true, resource, std::move(operation), level, std::move(done)});
  }
  listener_id listen(const std::string& resource, event_listener listener) override {
    const std::lock_guard lock{mailbox_->mutex};
    const listener_id id{++mailbox_->last_listener};
    mailbox_->listeners[resource][id] = std::move(listener);
    return id;
  }
  listener_id watch_state(state_listener listener) override {
    listener_id id;
    session_state now{};
    std::uint64_t number = 0;
    const auto watcher = std::make_shared<state_watcher>();
    watcher->listener = std::move(listener);
    {
      const std::lock_guard lock{mailbox_->mutex};
      id = listener_id{++mailbox_->last_listener};
      now = mailbox_->state;
      number = mailbox_->state_number;
      if (!is_over(now)) mailbox_->watchers[id] = watcher;
    }
    watcher->tell(number, now);
    return id;
  }
  void forget(listener_id listener) override {
    // What a listener holds may be the last of a handle, which forgets its own: not under the lock.
    std::shared_ptr<state_watcher> watcher;
    event_listener ears;
    const std::lock_guard lock{mailbox_->mutex};
    if (const auto at = mailbox_->watchers.find(listener); at != mailbox_->watchers.end()) {
      watcher = std::move(at->second);
      mailbox_->watchers.erase(at);
    }
    for (auto i = mailbox_->listeners.begin(); i != mailbox_->listeners.end(); ++i) {
      const auto at = i->second.find(listener);
      if (at == i->second.end()) continue;
      ears = std::move(at->second);
      i->second.erase(at);
      if (i->second.empty()) mailbox_->listeners.erase(i);
      return;
    }
  }
  void close(std::function<void()> done) override {
    {
      const std::lock_guard lock{mailbox_->mutex};
      mailbox_->closing = true;
      if (!is_over(mailbox_->state)) {
        if (done) mailbox_->closers.push_back(std::move(done));
        return tell(session_close{});
      }
    }
    if (done) done();
  }
  [[nodiscard]] session_id id() const override {
    const std::lock_guard lock{mailbox_->mutex};
    return mailbox_->id;
  }
  [[nodiscard]] session_state state() const override {
    const std::lock_guard lock{mailbox_->mutex};
    return mailbox_->state;
  }
  [[nodiscard]] std::string troubles() const override {
    const std::lock_guard lock{mailbox_->mutex};
    std::string all;
    for (const auto& [server, why] : mailbox_->troubles)
      absl::StrAppend(&all, all.empty() ? "" : "; ", server.to_string(), ": ", why);
    return all;
  }

 private:
  // Under the lock, and while the session lives: then so does the actor.
  template <class Message>
  void tell(Message m) {
    if (const auto to = caf::actor_cast<session_actor>(actor_)) caf::anon_send(to, std::move(m));
  }

  void call(session_call c) {
    absl::Status refused = session_has_ended();
    {
      const std::lock_guard lock{mailbox_->mutex};
      auto& m = *mailbox_;
      const auto bytes = m.calls_bytes + size_of(c);
      // The actor counts what it took; this bounds what waits for a session to be open at all.
      const bool fits = m.calls.size() < options_.outstanding_max
                        && (m.calls.empty() || bytes <= options_.outstanding_bytes_max);
      const bool ends = is_over(m.state) || m.closing;
      if (!ends && fits) {
        m.calls.push_back(std::move(c));
        m.calls_bytes = bytes;
        if (!std::exchange(m.calls_queued, true)) tell(calls_due{});
        return;
      }
      if (!ends) refused = too_many_calls(options_);
    }
    c.done(refused);
  }

  caf::weak_actor_ptr actor_;
  session_options options_;
  std::shared_ptr<session_mailbox> mailbox_;
};

}  // namespace

std::shared_ptr<session> start_session(
    caf::actor_system& system, const world& outside, const session_options& options) {
  auto mailbox = std::make_shared<session_mailbox>();
  const auto actor = system.spawn(session_behavior, outside, options, mailbox);
  return std::make_shared<session_door>(actor, options, std::move(mailbox));
}

std::shared_ptr<session> ended_session() {
  auto mailbox = std::make_shared<session_mailbox>();
  mailbox->state = session_state::closed;
  return std::make_shared<session_door>(session_actor{}, session_options{}, std::move(mailbox));
}

}  // namespace atomix::actors
