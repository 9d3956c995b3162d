// SPDX-License-Identifier: Apache-2.0
/// \file Runs one machine through its host, entry by entry, so that its tests read like a table.
#pragma once

#include "resources/typed_machine_host.hpp"

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace atomix::resources {

/// One log, one resource. Every call but `query` is one entry of the log, at the present log time.
template <replicated_machine M>
class machine_fixture {
 public:
  struct answer {
    index_t index;
    absl::StatusCode code = absl::StatusCode::kOk;
    std::string error;
    std::string result;

    [[nodiscard]] bool ok() const { return code == absl::StatusCode::kOk; }
    /// The reply as a message; fails the test if the command failed.
    template <class Reply>
    [[nodiscard]] Reply as() const {
      Reply reply;
      EXPECT_TRUE(ok()) << error;
      EXPECT_TRUE(reply.ParseFromString(result));
      return reply;
    }
  };

  /// Applies a command of session number `session`.
  template <class Command>
  answer command(std::uint64_t session, const Command& message) {
    return command_bytes(session, encode_op<typename M::commands>(message));
  }
  answer command_bytes(std::uint64_t session, std::string operation) {
    task work{task_kind::command, {}, session_id{session}, ++sequence_, shared_bytes{}};
    work.operation = shared_bytes{std::move(operation)};
    const batch_results results = apply({work});
    EXPECT_EQ(results.replies.size(), 1U);
    if (results.replies.empty()) return {};
    const task_reply& reply = results.replies.front();
    EXPECT_EQ(reply.session, session_id{session});
    return {reply.index, reply.code, reply.error, reply.result};
  }
  /// Applies a command and gives its reply as a message.
  template <class Reply, class Command>
  Reply ask(std::uint64_t session, const Command& message) {
    return command(session, message).template as<Reply>();
  }
  template <class Query>
  answer query(std::uint64_t session, const Query& message) const {
    const query_result found =
        host_->query(session_id{session}, now_, encode_op<typename M::queries>(message));
    return {index_, found.code, found.error, found.result};
  }
  template <class Reply, class Query>
  Reply look(std::uint64_t session, const Query& message) const {
    return query(session, message).template as<Reply>();
  }

  /// The session closed or expired.
  void close(std::uint64_t session) { close(std::vector{session}); }
  /// The sessions end at one entry.
  void close(const std::vector<std::uint64_t>& sessions) {
    std::vector<task> closings;
    for (const std::uint64_t session : sessions)
      closings.push_back({task_kind::session_closed, {}, session_id{session}, 0, shared_bytes{}});
    apply(std::move(closings));
  }
  /// The time of `ended` is up at the very entry that bears a command of `session`.
  template <class Command>
  void close_before_command(std::uint64_t ended, std::uint64_t session, const Command& message) {
    task work{task_kind::command, {}, session_id{session}, ++sequence_, shared_bytes{}};
    work.operation = shared_bytes{encode_op<typename M::commands>(message)};
    apply({{task_kind::session_closed, {}, session_id{ended}, 0, shared_bytes{}}, work});
  }
  /// The resource is deleted: what is called after this is a new life.
  void remove() {
    apply({{task_kind::deleted, {}, {}, 0, shared_bytes{}}});
    EXPECT_EQ(next_deadline_, std::nullopt);
    host_.emplace();
  }
  /// Log time moves on by `ms`, seen by the machine at one entry of another resource.
  void advance(std::uint64_t ms) {
    now_ = later(now_, ms);
    apply({});
  }

  /// Takes the events sent to `session` so far, encoded.
  std::vector<std::string> take_events(std::uint64_t session) {
    return std::exchange(events_[session_id{session}], {});
  }
  /// The same, all of which must be an `Event`.
  template <class Event>
  std::vector<Event> take(std::uint64_t session) {
    std::vector<Event> events;
    for (const std::string& bytes : take_events(session)) {
      const auto event = decode_as<typename M::events, Event>(bytes);
      EXPECT_TRUE(event.has_value()) << "an event of another type";
      if (event) events.push_back(*event);
    }
    return events;
  }

  [[nodiscard]] index_t index() const { return index_; }  ///< of the last entry
  [[nodiscard]] log_time now() const { return now_; }
  [[nodiscard]] std::optional<log_time> next_deadline() const { return next_deadline_; }
  [[nodiscard]] std::uint64_t state_hash() const { return host_->state_hash(); }

 private:
  batch_results apply(std::vector<task> tasks) {
    index_ = index_.next();
    for (task& each : tasks)
      each.index = index_;
    const std::vector<clock_mark> clock{{index_, now_}};
    batch_results results =
        host_->run({std::make_shared<const std::vector<clock_mark>>(clock), std::move(tasks)});
    for (const task_event& event : results.events)
      events_[event.to].push_back(event.event);
    next_deadline_ = results.next_deadline;
    return results;
  }

  std::optional<typed_machine_host<M>> host_{std::in_place};
  index_t index_{100};
  log_time now_{1'000};
  std::uint64_t sequence_ = 0;
  std::optional<log_time> next_deadline_;
  std::map<session_id, std::vector<std::string>> events_;
};

}  // namespace atomix::resources
