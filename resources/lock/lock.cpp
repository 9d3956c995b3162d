// SPDX-License-Identifier: Apache-2.0
#include "resources/lock/lock.hpp"

#include "resources/lock/machine.hpp"
#include "resources/losses.hpp"
#include "resources/reply.hpp"

#include <map>
#include <utility>
#include <vector>

namespace atomix {
namespace {

namespace proto = resources::lock::proto;
using machine = resources::lock::machine;
using resources::decode_as;
using resources::parse_reply;
using resources::reading;
using granted = std::optional<lock_grant>;

template <class Message>
std::string command_of(const Message& message) {
  return resources::encode_op<machine::commands>(message);
}

absl::StatusOr<bool> yes(const absl::StatusOr<outcome>& reply) {
  const absl::StatusOr<proto::Answer> answer = parse_reply<proto::Answer>(reply);
  if (!answer.ok()) return answer.status();
  return answer->yes();
}

}  // namespace

/// What a handle and its copies have asked for. All members but `lost` are used on the session's
/// thread only, where completions, events and changes of state come in order.
struct lock::requests : std::enable_shared_from_this<requests> {
  std::weak_ptr<invoker> session;
  std::uint64_t number = 0;  // tells apart the handles of a session
  std::map<index_t, promise<granted>> waiting;
  granted held;
  // Of what was held when the session expired or the lock was deleted.
  std::shared_ptr<resources::losses<lock_grant>> lost =
      std::make_shared<resources::losses<lock_grant>>();
  listening events;
  listening states;
  // While anything waits the session keeps this: somebody must hear the grant, even if all handles
  // are gone. (Nobody here keeps the session: that would be a circle.)
  listening kept;

  void asked(const promise<granted>& result, const absl::StatusOr<outcome>& reply) {
    const absl::StatusOr<proto::Asked> answer = parse_reply<proto::Asked>(reply);
    if (!answer.ok()) return result.set(answer.status());
    if (answer->token() != 0) return grant(result, index_t{answer->token()});
    if (answer->request() == 0) return result.set(granted{});
    if (waiting.empty()) stay();
    waiting.emplace(index_t{answer->request()}, result);
  }
  void hear(std::string_view event) {
    if (const auto e = decode_as<machine::events, proto::Granted>(event))
      finish(e->request(), [&](const auto& result) { grant(result, index_t{e->token()}); });
    if (const auto e = decode_as<machine::events, proto::TimedOut>(event))
      finish(e->request(), [](const auto& result) { result.set(granted{}); });
    if (const auto e = decode_as<machine::events, proto::Withdrawn>(event)) {
      finish(e->request(), [](const auto& result) {
        result.set(absl::CancelledError("The wait for the lock was cancelled."));
      });
    }
    if (const auto e = decode_as<machine::events, proto::Released>(event))
      if (held && held->token == index_t{e->token()}) held.reset();
    if (const auto e = decode_as<machine::events, proto::Deleted>(event)) deleted(*e);
  }
  void deleted(const proto::Deleted& e) {
    if (held && held->token == index_t{e.token()}) lost->lose(*std::exchange(held, std::nullopt));
    finish(e.request(), [](const auto& result) {
      result.set(absl::AbortedError("The lock was deleted while this request waited for it."));
    });
  }
  void follow(session_state state) {
    if (state != session_state::expired && state != session_state::closed) return;
    const granted last = std::exchange(held, std::nullopt);
    // A promise may call out, even back to here.
    const auto ended = std::exchange(waiting, {});
    kept.cancel();
    for (const auto& [request, result] : ended) {
      result.set(unknown_outcome(absl::AbortedError(
          "The session ended (" + std::string(to_string(state))
          + ") while it waited for the lock.")));
    }
    if (last && state == session_state::expired) lost->lose(*last);
  }
  void released(const absl::StatusOr<bool>& answer, index_t token) {
    if (answer.ok() && held && (token.is_none() || held->token == token)) held.reset();
  }

 private:
  void stay() {
    const auto by = session.lock();
    if (by == nullptr) return;
    kept = {by, by->watch_state([self = shared_from_this()](session_state) {})};
  }
  void grant(const promise<granted>& result, index_t token) {
    held = lock_grant{token};
    lost->begin_anew();
    result.set(held);
  }
  template <class End>
  void finish(std::uint64_t request, const End& end) {
    const auto found = waiting.find(index_t{request});
    if (found == waiting.end()) return;  // another handle's
    const promise<granted> result = std::move(found->second);
    waiting.erase(found);
    if (waiting.empty()) kept.cancel();
    end(result);
  }
};

lock::lock(const std::shared_ptr<invoker>& session, const std::string& name)
    : handle(session, name, type_name), requests_(std::make_shared<requests>()) {
  const std::weak_ptr<requests> weak = requests_;
  requests_->session = session;
  const listener_id ears = session->listen(name, [weak](index_t, std::string_view event) {
    if (const auto self = weak.lock()) self->hear(event);
  });
  requests_->events = {session, ears};
  requests_->number = ears.value();
  requests_->states = {session, session->watch_state([weak](session_state state) {
                         if (const auto self = weak.lock()) self->follow(state);
                       })};
}

future<lock_grant> lock::acquire() const {
  proto::Acquire op;
  op.set_wait_forever(true);
  op.set_handle(requests_->number);
  return transform<lock_grant>(
      ask(command_of(op)), [](const absl::StatusOr<granted>& r) -> absl::StatusOr<lock_grant> {
        if (!r.ok()) return r.status();
        if (!*r) return unknown_outcome(absl::InternalError("The wait ended without a grant."));
        return **r;
      });
}

future<granted> lock::try_acquire() const {
  proto::Acquire op;
  op.set_handle(requests_->number);
  return ask(command_of(op));
}

future<granted> lock::try_acquire(std::chrono::milliseconds patience) const {
  if (patience.count() < 0) {
    return ready_future<granted>(
        absl::InvalidArgumentError("The patience of a request must not be negative."));
  }
  proto::Acquire op;
  op.set_wait_ms(static_cast<std::uint64_t>(patience.count()));
  op.set_handle(requests_->number);
  return ask(command_of(op));
}

future<granted> lock::ask(std::string operation) const {
  const promise<granted> result;
  // The decoded result is only a by-product: a wait ends later than its command.
  static_cast<void>(command<void>(
      std::move(operation), [requests = requests_, result](const absl::StatusOr<outcome>& reply) {
        requests->asked(result, reply);
        return reply.status();
      }));
  return result.get_future();
}

future<bool> lock::cancel() const {
  return command<bool>(command_of(proto::Withdraw{}), yes);
}

future<bool> lock::release() const {
  proto::Release op;
  op.set_handle(requests_->number);
  return command<bool>(
      command_of(op), [requests = requests_](const absl::StatusOr<outcome>& reply) {
        absl::StatusOr<bool> answer = yes(reply);
        requests->released(answer, {});
        return answer;
      });
}

future<bool> lock::release(lock_grant grant) const {
  proto::Release op;
  op.set_token(grant.token.value());
  op.set_handle(requests_->number);
  return command<bool>(
      command_of(op), [requests = requests_, grant](const absl::StatusOr<outcome>& reply) {
        absl::StatusOr<bool> answer = yes(reply);
        requests->released(answer, grant.token);
        return answer;
      });
}

future<lock_state> lock::state(freshness level) const {
  return query<lock_state>(
      resources::encode_op<machine::queries>(proto::GetState{}),
      level,
      reading<lock_state, proto::State>([](const proto::State& reply) {
        return lock_state{session_id{reply.session()}, index_t{reply.token()}, reply.waiting()};
      }));
}

future<bool> lock::check(index_t token) const {
  proto::Check op;
  op.set_token(token.value());
  return query<bool>(resources::encode_op<machine::queries>(op), consistency::atomic, yes);
}

listening lock::on_lost(std::function<void(lock_grant)> listener) const {
  return requests_->lost->listen(std::move(listener));
}

}  // namespace atomix
