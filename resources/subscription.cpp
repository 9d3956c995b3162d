// SPDX-License-Identifier: Apache-2.0
#include "resources/subscription.hpp"

#include "raft/base/check.hpp"

#include <utility>

namespace atomix {

struct subscription::body {
  std::shared_ptr<invoker> session;
  resource_name resource;
  listen_operations operations;
  listener_id events{};
  listener_id states{};
  promise<void> ready;
  bool lost = false;  // only the session's thread uses it

  void listen(const promise<void>& done) const {
    session->command(
        resource, operations.listen(events), [done](const absl::StatusOr<outcome>& reply) {
          done.set(reply.status());
        });
  }
  // An expired session took the listener with it; its successor must be told.
  void follow(session_state state) {
    if (state == session_state::expired) lost = true;
    if (state != session_state::connected || !lost) return;
    lost = false;
    listen({});
  }
};

subscription::subscription(
    std::shared_ptr<invoker> session,
    resource_name resource,
    listen_operations operations,
    event_listener listener)
    : body_(std::make_shared<body>()) {
  body_->session = std::move(session);
  body_->resource = std::move(resource);
  body_->operations = std::move(operations);
  body_->events = body_->session->listen(body_->resource.name, std::move(listener));
  body_->listen(body_->ready);
  body_->states =
      body_->session->watch_state([weak = std::weak_ptr<body>(body_)](session_state state) {
        if (const auto self = weak.lock()) self->follow(state);
      });
}

subscription& subscription::operator=(subscription&& other) noexcept {
  if (this == &other) return *this;
  cancel();
  body_ = std::move(other.body_);
  return *this;
}

void subscription::cancel() {
  const std::shared_ptr<body> ended = std::move(body_);
  body_ = nullptr;
  if (ended == nullptr) return;
  ended->session->forget(ended->events);
  ended->session->forget(ended->states);
  ended->session->command(
      ended->resource,
      ended->operations.unlisten(ended->events),
      [](const absl::StatusOr<outcome>&) {});
}

future<void> subscription::ready() const {
  ATOMIX_CHECK(body_ != nullptr, "only an active subscription becomes ready");
  return body_->ready.get_future();
}

}  // namespace atomix
