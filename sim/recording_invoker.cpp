// SPDX-License-Identifier: Apache-2.0
#include "sim/recording_invoker.hpp"

#include <utility>

namespace atomix::sim {

recording_invoker::recording_invoker(
    history& book, std::size_t client, std::shared_ptr<actors::session> session)
    : book_(book), session_(std::move(session)), number_(book.add_session(client)) {
  // The session outlives its watchers: they are dropped with its end.
  session_->watch_state([&to = book_,
                         number = number_,
                         s = std::weak_ptr<actors::session>(session_)](session_state state) {
    const auto alive = s.lock();
    to.session_changed(number, alive == nullptr ? session_id{} : alive->id(), state);
  });
}

void recording_invoker::command(
    const resource_name& resource, std::string operation, completion done) {
  recorded_call call;
  call.resource = resource;
  completion told = record(std::move(call), operation, std::move(done));
  session_->command(resource, std::move(operation), std::move(told));
}

void recording_invoker::query(
    const resource_name& resource, std::string operation, consistency level, completion done) {
  recorded_call call;
  call.resource = resource;
  call.is_query = true;
  call.level = level;
  completion told = record(std::move(call), operation, std::move(done));
  session_->query(resource, std::move(operation), level, std::move(told));
}

completion recording_invoker::record(
    recorded_call call, const std::string& operation, completion done) {
  hear(call.resource.name);
  call.session = number_;
  call.operation = operation;
  const std::size_t position = book_.add_call(std::move(call));
  return [&to = book_, position, done = std::move(done)](absl::StatusOr<outcome> answer) {
    to.add_return(position, answer);
    done(std::move(answer));
  };
}

// Before the first call to it: no event of a resource comes without one.
void recording_invoker::hear(const std::string& resource) {
  if (!heard_.insert(resource).second) return;
  session_->listen(
      resource, [&to = book_, number = number_, resource](index_t index, std::string_view event) {
        to.add_event(number, index, resource, event);
      });
}

listener_id recording_invoker::listen(const std::string& resource, event_listener listener) {
  hear(resource);
  return session_->listen(resource, std::move(listener));
}

listener_id recording_invoker::watch_state(state_listener listener) {
  return session_->watch_state(std::move(listener));
}

void recording_invoker::forget(listener_id listener) {
  session_->forget(listener);
}

}  // namespace atomix::sim
