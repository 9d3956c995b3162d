// SPDX-License-Identifier: Apache-2.0
#include "actors/session.hpp"

#include "actors/peers.hpp"
#include "actors/session_link.hpp"
#include "actors/session_state.hpp"
#include "actors/session_traffic.hpp"

#include <absl/strings/str_cat.h>

#include <utility>

namespace atomix::actors {
namespace {

constexpr std::chrono::milliseconds tick_period{25};

void on_frames(session_self self, inbound& in) {
  auto& s = self->state;
  s.link.heard_ms = now_ms(self);
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
      if (refusal.ParseFromArray(bytes.data(), size))
        abandon(self, absl::FailedPreconditionError(refusal.message()));
    }
  }
}

void on_gone(session_self self, const connection_closed& c) {
  auto& s = self->state;
  if (c.connection != s.link.connection || s.link.phase == link_phase::idle) return;
  abandon(self, c.why);
}

void tick(session_self self) {
  if (is_over(self->state)) return self->quit();
  on_tick(self);
  flush(self);
  self->delayed_send(session_actor{self}, tick_period, session_tick{});
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
  s.random = prng{outside.seed ^ 0x73657373696f6eULL};
  for (int i = 0; i < 2; ++i) {
    const auto half = s.random.next();
    s.token.append(reinterpret_cast<const char*>(&half), sizeof half);
  }
  s.next_server = s.random.below(options.servers.size());
  s.handler = std::make_unique<mailbox_handler<session_actor>>(session_actor{self});
  self->send(session_actor{self}, session_tick{});
  return {
      [=](const connection_opened& c) { on_opened(self, c.connection); },
      [=](inbound& in) {
        on_frames(self, in);
        flush(self);
      },
      [=](const connection_closed& c) { on_gone(self, c); },
      [=](const calls_due&) {
        take_calls(self);
        flush(self);
      },
      [=](const session_tick&) { tick(self); },
      [=](session_close& c) {
        begin_close(self, std::move(c.done));
        flush(self);
      },
  };
}

/// The users' end. Calls only fill the mailbox; one message wakes the actor, however many calls.
class session_door final : public session {
 public:
  session_door(session_actor actor, std::shared_ptr<session_mailbox> mailbox)
      : actor_(std::move(actor)), mailbox_(std::move(mailbox)) {}

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
    {
      const std::lock_guard lock{mailbox_->mutex};
      id = listener_id{++mailbox_->last_listener};
      mailbox_->state_listeners[id] = listener;
      now = mailbox_->state;
    }
    listener(now);
    return id;
  }
  void forget(listener_id listener) override {
    const std::lock_guard lock{mailbox_->mutex};
    mailbox_->state_listeners.erase(listener);
    for (auto i = mailbox_->listeners.begin(); i != mailbox_->listeners.end();) {
      i->second.erase(listener);
      i = i->second.empty() ? mailbox_->listeners.erase(i) : std::next(i);
    }
  }
  void close(std::function<void()> done) override {
    {
      const std::lock_guard lock{mailbox_->mutex};
      if (!over(mailbox_->state)) {
        caf::anon_send(actor_, session_close{std::move(done)});
        return;
      }
    }
    done();
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
  static bool over(session_state s) {
    return s == session_state::expired || s == session_state::closed;
  }

  void call(session_call c) {
    {
      const std::lock_guard lock{mailbox_->mutex};
      if (!over(mailbox_->state)) {
        mailbox_->calls.push_back(std::move(c));
        if (std::exchange(mailbox_->calls_queued, true)) return;
        caf::anon_send(actor_, calls_due{});
        return;
      }
    }
    c.done(absl::FailedPreconditionError("the session has ended: connect again for a new one"));
  }

  session_actor actor_;
  std::shared_ptr<session_mailbox> mailbox_;
};

}  // namespace

std::shared_ptr<session> start_session(
    caf::actor_system& system, const world& outside, const session_options& options) {
  auto mailbox = std::make_shared<session_mailbox>();
  auto actor = system.spawn(session_behavior, outside, options, mailbox);
  return std::make_shared<session_door>(std::move(actor), std::move(mailbox));
}

}  // namespace atomix::actors
