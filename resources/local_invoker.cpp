// SPDX-License-Identifier: Apache-2.0
#include "resources/local_invoker.hpp"

#include "resources/state_hash.hpp"

#include <absl/status/status.h>

#include <algorithm>

namespace atomix {
namespace {

// Sessions keep alive, and time is seen by machines, at least this often.
constexpr std::uint64_t step_ms = 100;

absl::Status ended_status() {
  return absl::FailedPreconditionError("The session has ended. Open a new one.");
}

absl::StatusOr<outcome> outcome_of(resources::task_reply reply) {
  if (reply.code != absl::StatusCode::kOk) return absl::Status(reply.code, reply.error);
  return outcome{reply.index, std::move(reply.result)};
}

}  // namespace

void local_invoker::command(const resource_name& resource, std::string operation, completion done) {
  replica_->soon(
      [this, c = local_replica::call{this, resource, std::move(operation), std::move(done)}] {
        replica_->command(c);
      });
}

void local_invoker::query(
    const resource_name& resource, std::string operation, consistency, completion done) {
  replica_->soon(
      [this, c = local_replica::call{this, resource, std::move(operation), std::move(done)}] {
        replica_->query(c);
      });
}

listener_id local_invoker::listen(const std::string& resource, event_listener listener) {
  last_listener_ = last_listener_.next();
  listeners_.emplace(last_listener_, std::pair{resource, std::move(listener)});
  return last_listener_;
}

listener_id local_invoker::watch_state(state_listener listener) {
  last_listener_ = last_listener_.next();
  watchers_.emplace(last_listener_, listener);
  listener(state_);
  return last_listener_;
}

void local_invoker::forget(listener_id listener) {
  listeners_.erase(listener);
  watchers_.erase(listener);
}

void local_invoker::enter(session_state state) {
  state_ = state;
  // A watcher may add and remove others.
  const auto watchers = watchers_;
  for (const auto& [id, watcher] : watchers)
    if (watchers_.contains(id)) watcher(state);
}

void local_invoker::hear(const resources::session_event& event) {
  events_seen_ = event.number;
  const auto listeners = listeners_;
  for (const auto& [id, entry] : listeners) {
    if (entry.first == event.resource && listeners_.contains(id))
      entry.second(event.index, event.event);
  }
}

local_replica::local_replica(resources::machine_registry registry)
    : registry_(std::move(registry)) {}

std::shared_ptr<local_invoker> local_replica::connect(std::uint64_t timeout_ms) {
  std::shared_ptr<local_invoker> session{new local_invoker{*this}};
  session->timeout_ms_ = timeout_ms;
  invokers_.push_back(session);
  soon([this, session] { open(*session); });
  return session;
}

void local_replica::reopen(const std::shared_ptr<local_invoker>& session) {
  soon([this, session] { open(*session); });
}

void local_replica::open(local_invoker& session) {
  index_ = index_.next();
  session.id_ = sessions_.open(index_, {}, session.timeout_ms_, now_);
  session.sequence_ = session.events_seen_ = 0;
  run_closings({});
  session.enter(session_state::connected);
}

void local_replica::advance(std::uint64_t ms) {
  soon([this, ms] {
    for (std::uint64_t left = ms; left > 0;) {
      const std::uint64_t step = std::min(left, step_ms);
      left -= step;
      index_ = index_.next();
      now_ = later(now_, step);
      const std::vector<session_id> ended = sessions_.advance(now_);
      keep_alive();
      run_closings(ended);
      tell_ended(ended, session_state::expired);
    }
  });
}

void local_replica::expire(const std::shared_ptr<local_invoker>& session) {
  soon([session] { session->enter(session_state::suspended); });
  // It may have spoken just now: its whole timeout has to pass.
  advance(std::max(session->timeout_ms_, resources::session_table::timeout_ms_min));
}

void local_replica::close(const std::shared_ptr<local_invoker>& session) {
  soon([this, session] {
    index_ = index_.next();
    if (!sessions_.close(session->id_)) return;
    run_closings({session->id_});
    tell_ended({session->id_}, session_state::closed);
  });
}

std::uint64_t local_replica::state_hash() const {
  resources::hashing_walk hash;
  hash.number(sessions_.state_hash());
  for (const auto& [name, host] : hosts_) {
    hash.bytes(name);
    hash.bytes(host->type_name());
    hash.number(host->state_hash());
  }
  return hash.value();
}

// What is called inside a completion or listener waits its turn: no reply overtakes another.
void local_replica::soon(std::function<void()> work) {
  waiting_.push_back(std::move(work));
  if (working_) return;
  working_ = true;
  while (!waiting_.empty()) {
    const std::function<void()> next = std::move(waiting_.front());
    waiting_.pop_front();
    next();
  }
  working_ = false;
}

void local_replica::command(const call& c) {
  if (const absl::Status refused = check(c); !refused.ok()) return c.done(refused);
  absl::StatusOr<outcome> reply = apply(c);
  c.done(std::move(reply));
  deliver_events();
}

void local_replica::query(const call& c) {
  if (const absl::Status refused = check(c); !refused.ok()) return c.done(refused);
  const auto host = host_of(c.resource);
  if (!host.ok()) return c.done(host.status());
  resources::query_result found = (*host)->query(c.from->id_, now_, c.operation);
  if (found.code != absl::StatusCode::kOk) return c.done(absl::Status(found.code, found.error));
  c.done(outcome{index_, std::move(found.result)});
}

absl::Status local_replica::check(const call& c) const {
  if (c.resource.name.empty()) return absl::InvalidArgumentError("A resource needs a name.");
  return sessions_.contains(c.from->id_) ? absl::OkStatus() : ended_status();
}

absl::StatusOr<outcome> local_replica::apply(const call& c) {
  index_ = index_.next();
  local_invoker& from = *c.from;
  const std::uint64_t sequence = ++from.sequence_;
  if (sessions_.admit(from.id_, sequence, index_, now_).verdict != resources::admission::fresh)
    return ended_status();
  const auto finish = [&](absl::StatusOr<outcome> reply) {
    sessions_.complete(from.id_, {sequence, index_, reply.status().code(), {}, {}});
    return reply;
  };
  const auto host = host_of(c.resource);
  if (!host.ok()) return finish(host.status());
  if (c.operation.empty()) {
    static_cast<void>(
        run_host(c.resource.name, **host, {{resources::task_kind::deleted, index_, {}, 0, {}}}));
    hosts_.erase(c.resource.name);
    return finish(outcome{index_, {}});
  }
  const resources::task work{
      resources::task_kind::command, index_, from.id_, sequence, shared_bytes{c.operation}};
  if (!hosts_.contains(c.resource.name) && (*host)->undoes(c.operation))
    return finish(outcome_of(std::move(run_host(c.resource.name, **host, {work}).front())));
  hosts_.try_emplace(c.resource.name, *host);
  return finish(run(c.resource.name, &work));
}

// A fresh one, which nobody keeps yet, if there is none.
absl::StatusOr<std::shared_ptr<resources::machine_host>> local_replica::host_of(
    const resource_name& resource) const {
  const auto found = hosts_.find(resource.name);
  if (found != hosts_.end()) {
    if (found->second->type_name() == resource.type) return found->second;
    return absl::FailedPreconditionError(
        "Inconsistent resource type: \"" + resource.name + "\" is a "
        + std::string(found->second->type_name()) + ", not a " + resource.type + ".");
  }
  std::shared_ptr<resources::machine_host> host = registry_.make(resource.type);
  if (host == nullptr)
    return absl::InvalidArgumentError("There is no resource type \"" + resource.type + "\".");
  return host;
}

void local_replica::keep_alive() {
  for (const auto& session : invokers_) {
    if (session->state_ != session_state::connected) continue;
    static_cast<void>(
        sessions_.keep_alive(session->id_, session->sequence_, session->events_seen_, now_));
  }
}

// Shows the present entry to all resources, and to one of them its command.
absl::StatusOr<outcome> local_replica::run(
    const std::string& name, const resources::task* command) {
  absl::StatusOr<outcome> reply = outcome{index_, {}};
  for (const auto& [host_name, host] : hosts_) {
    std::vector<resources::task> tasks;
    if (command != nullptr && host_name == name) tasks.push_back(*command);
    for (resources::task_reply& each : run_host(host_name, *host, std::move(tasks)))
      reply = outcome_of(std::move(each));
  }
  return reply;
}

void local_replica::run_closings(const std::vector<session_id>& ended) {
  std::vector<resources::task> tasks;
  tasks.reserve(ended.size());
  for (const session_id session : ended)
    tasks.push_back({resources::task_kind::session_closed, index_, session, 0, {}});
  for (const auto& [name, host] : hosts_)
    static_cast<void>(run_host(name, *host, tasks));
  deliver_events();
}

std::vector<resources::task_reply> local_replica::run_host(
    const std::string& name, resources::machine_host& host, std::vector<resources::task> tasks) {
  using resources::clock_mark;
  const auto clock = std::make_shared<const std::vector<clock_mark>>(1, clock_mark{index_, now_});
  resources::batch_results results = host.run({clock, std::move(tasks)});
  for (resources::task_event& event : results.events)
    sessions_.publish(event.to, event.index, name, std::move(event.event));
  return std::move(results.replies);
}

void local_replica::deliver_events() {
  const auto invokers = invokers_;
  for (const auto& session : invokers) {
    if (session->state_ != session_state::connected) continue;
    for (const auto& event : sessions_.events_after(session->id_, session->events_seen_))
      session->hear(event);
  }
}

void local_replica::tell_ended(const std::vector<session_id>& ended, session_state how) {
  for (const session_id id : ended) {
    for (const auto& session : std::vector(invokers_))
      if (session->id_ == id) session->enter(how);
  }
}

}  // namespace atomix
