// SPDX-License-Identifier: Apache-2.0
#include "sim/recording_invoker.hpp"

#include "resources/counter/counter.hpp"
#include "resources/map/map.hpp"
#include "resources/value/value.hpp"

#include <algorithm>
#include <utility>

namespace atomix::sim {
namespace {

// Holders of locks and candidates are told of what concerns them unasked; what machines of users
// do is theirs.
bool tells_who_asked(std::string_view type) {
  return type == value<std::string>::type_name || type == counter::type_name
         || type == map<std::string, std::string>::type_name;
}

}  // namespace

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
  const std::shared_ptr<audience> to = audiences_.at(resource.name);
  to->asked_for = tells_who_asked(resource.type);
  ++to->under_way;
  session_->command(
      resource, std::move(operation), [to, told = std::move(told)](absl::StatusOr<outcome> answer) {
        --to->under_way;
        to->refused = to->refused || !answer.ok();
        if (answer.ok()) to->told = std::max(to->told, answer->index);
        told(std::move(answer));
      });
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

void recording_invoker::leave() {
  book_.session_left(number_);
  session_->close({});
}

completion recording_invoker::record(
    recorded_call call, const std::string& operation, completion done) {
  static_cast<void>(hear(call.resource.name));
  call.session = number_;
  call.operation = operation;
  const std::size_t position = book_.add_call(std::move(call));
  return [&to = book_, position, done = std::move(done)](absl::StatusOr<outcome> answer) {
    to.add_return(position, answer);
    done(std::move(answer));
  };
}

// Before the first call to it: no event of a resource comes without one.
const std::shared_ptr<recording_invoker::audience>& recording_invoker::hear(
    const std::string& resource) {
  std::shared_ptr<audience>& of = audiences_[resource];
  if (of != nullptr) return of;
  of = std::make_shared<audience>();
  session_->listen(
      resource,
      [&to = book_, number = number_, resource, of](index_t index, std::string_view event) {
        recorded_event heard;
        heard.index = index;
        heard.resource = resource;
        heard.event = event;
        heard.wanted = of->wants(index);
        to.add_event(number, std::move(heard));
      });
  return of;
}

listener_id recording_invoker::listen(const std::string& resource, event_listener listener) {
  const std::shared_ptr<audience> of = hear(resource);
  const listener_id id = session_->listen(resource, std::move(listener));
  ++of->listening;
  handles_[id] = of;
  return id;
}

listener_id recording_invoker::watch_state(state_listener listener) {
  return session_->watch_state(std::move(listener));
}

void recording_invoker::forget(listener_id listener) {
  if (const auto handle = handles_.extract(listener)) --handle.mapped()->listening;
  session_->forget(listener);
}

}  // namespace atomix::sim
