// SPDX-License-Identifier: Apache-2.0
/// \file One resource on one replica: a machine, its timers, and the decoding around it. Owned by
/// one resource actor; fed with batches in log order.
#pragma once

#include "raft/base/ids.hpp"
#include "raft/base/shared_bytes.hpp"

#include <absl/status/status.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace atomix::resources {

/// Index and log time of one applied entry.
struct clock_mark {
  index_t index;
  log_time time;
};

enum class task_kind : std::uint8_t {
  command,         ///< apply `operation` for `session`
  session_closed,  ///< `session` closed or expired
  deleted,         ///< the resource was deleted: nothing comes after this
};

struct task {
  task_kind kind = task_kind::command;
  index_t index;
  session_id session;
  std::uint64_t sequence = 0;
  shared_bytes operation;
};

/// A run of the log as one resource sees it.
struct batch {
  /// All entries of the run, of every resource, in order, so that timers fire at the same index on
  /// every replica, however the log was cut into batches.
  std::shared_ptr<const std::vector<clock_mark>> clock;
  std::vector<task> tasks;  ///< those of this resource, by index
};

struct task_reply {
  index_t index;
  session_id session;
  std::uint64_t sequence = 0;
  absl::StatusCode code = absl::StatusCode::kOk;
  std::string error;
  std::string result;
};

struct task_event {
  index_t index;
  session_id to;
  std::string event;
};

struct batch_results {
  std::vector<task_reply> replies;        ///< by index
  std::vector<task_event> events;         ///< by index, then in the order published
  std::optional<log_time> next_deadline;  ///< earliest timer still set
};

struct query_result {
  absl::StatusCode code = absl::StatusCode::kOk;
  std::string error;
  std::string result;
};

class machine_host {
 public:
  machine_host() = default;
  machine_host(const machine_host&) = delete;
  machine_host& operator=(const machine_host&) = delete;
  virtual ~machine_host() = default;

  [[nodiscard]] virtual std::string_view type_name() const = 0;
  /// At each entry, in this order: timers that are due by its time (by deadline, then key), session
  /// closings and what follows of them (`settle`), the command or the deletion. Malformed
  /// operations are answered with invalid_argument.
  [[nodiscard]] virtual batch_results run(const batch& work) = 0;
  [[nodiscard]] virtual query_result query(
      session_id session, log_time now, std::string_view operation) const = 0;
  /// Whether the command only takes back what an earlier one did: see `has_undo`.
  [[nodiscard]] virtual bool undoes(std::string_view operation) const = 0;
  /// Hash over the machine's walk and its timers: equal on all replicas at equal index.
  [[nodiscard]] virtual std::uint64_t state_hash() const = 0;
};

/// A fresh resource of the type, or null if the catalog has no such type.
[[nodiscard]] std::unique_ptr<machine_host> make_machine_host(std::string_view type_name);

}  // namespace atomix::resources
