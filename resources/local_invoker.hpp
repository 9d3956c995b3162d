// SPDX-License-Identifier: Apache-2.0
/// \file Resources in this process, without a cluster: the door for unit tests, ours and the
/// user's.
///
///   atomix::local_replica replica;
///   atomix::counter hits{replica.connect(), "hits"};
///   hits.increment_and_get().get();
#pragma once

#include "resources/invoker.hpp"
#include "resources/machine_registry.hpp"
#include "resources/session_table.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace atomix {

class local_replica;

/// A session with a `local_replica`. Completions and listeners run before the call that caused them
/// returns, or, inside a completion or listener, after that one. All on one thread.
class local_invoker final : public invoker {
 public:
  void command(const resource_name& resource, std::string operation, completion done) override;
  void query(
      const resource_name& resource,
      std::string operation,
      consistency level,
      completion done) override;
  listener_id listen(const std::string& resource, event_listener listener) override;
  listener_id watch_state(state_listener listener) override;
  void forget(listener_id listener) override;

  [[nodiscard]] session_id id() const { return id_; }
  [[nodiscard]] session_state state() const { return state_; }
  /// Of events and of its state, that were not forgotten: handles leave none behind.
  [[nodiscard]] std::size_t listeners() const { return listeners_.size() + watchers_.size(); }

 private:
  friend class local_replica;
  explicit local_invoker(local_replica& replica) : replica_(&replica) {}
  void enter(session_state state);
  void hear(const resources::session_event& event);

  local_replica* replica_;
  session_id id_;
  session_state state_ = session_state::connecting;
  std::uint64_t timeout_ms_ = 0;
  std::uint64_t sequence_ = 0;
  std::uint64_t events_seen_ = 0;
  listener_id last_listener_;
  std::map<listener_id, std::pair<std::string, event_listener>> listeners_;
  std::map<listener_id, state_listener> watchers_;
};

/// What a replica does with committed entries, without the consensus before it: each call is an
/// entry of its own. Outlives the invokers it gave away. Owned by one thread.
class local_replica {
 public:
  explicit local_replica(resources::machine_registry registry = resources::builtin_machines());

  /// A new session.
  [[nodiscard]] std::shared_ptr<local_invoker> connect(std::uint64_t timeout_ms = 10'000);
  /// Log time moves on; sessions keep themselves alive meanwhile. Timers fire on time.
  void advance(std::uint64_t ms);
  /// The session falls silent until the replica gives it up: log time moves on by its timeout.
  void expire(const std::shared_ptr<local_invoker>& session);
  void close(const std::shared_ptr<local_invoker>& session);
  /// An expired client starts over with a new session, as the client's policy may have it.
  void reopen(const std::shared_ptr<local_invoker>& session);

  [[nodiscard]] log_time now() const { return now_; }
  [[nodiscard]] index_t index() const { return index_; }
  [[nodiscard]] std::uint64_t state_hash() const;

 private:
  friend class local_invoker;
  struct call {
    local_invoker* from;
    resource_name resource;
    std::string operation;
    completion done;
  };

  void soon(std::function<void()> work);
  void open(local_invoker& session);
  void command(const call& c);
  void query(const call& c);
  [[nodiscard]] absl::StatusOr<outcome> apply(const call& c);
  [[nodiscard]] absl::StatusOr<std::shared_ptr<resources::machine_host>> host_of(
      const resource_name& resource) const;
  [[nodiscard]] absl::Status check(const call& c) const;
  void keep_alive();
  absl::StatusOr<outcome> run(const std::string& name, const resources::task* command);
  void run_closings(const std::vector<session_id>& ended);
  std::vector<resources::task_reply> run_host(
      const std::string& name, resources::machine_host& host, std::vector<resources::task> tasks);
  void deliver_events();
  void tell_ended(const std::vector<session_id>& ended, session_state how);

  resources::machine_registry registry_;
  resources::session_table sessions_;
  std::map<std::string, std::shared_ptr<resources::machine_host>> hosts_;
  std::vector<std::shared_ptr<local_invoker>> invokers_;
  index_t index_;
  log_time now_;
  std::deque<std::function<void()>> waiting_;
  bool working_ = false;
};

}  // namespace atomix
