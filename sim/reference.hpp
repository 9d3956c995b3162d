// SPDX-License-Identifier: Apache-2.0
/// \file What the replicated state machine must do with a log, written once more and as simply as
/// possible: one entry at a time, sessions and exactly-once by the book (thesis 6.3), a fresh
/// machine per resource. Shares the machines with the replicas and nothing of what is around them;
/// and each machine of the catalog is held to its specification (`specification/`).
#pragma once

#include "sim/specification/held_machine.hpp"

#include "resources/machine_host.hpp"
#include "resources/machine_registry.hpp"
#include "resources/session.pb.h"

#include "raft/base/ids.hpp"
#include "raft/core/entry.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace atomix::sim {

/// A command that took effect (or was refused by the machine), and its answer.
struct reference_command {
  index_t index;
  std::string resource;
  std::string type;
  std::string operation;
  absl::StatusCode code = absl::StatusCode::kOk;
  std::string result;
};

struct reference_event {
  index_t index;
  std::string resource;
  std::string event;
};

struct reference_session {
  std::uint64_t timeout_ms = 0;
  std::vector<reference_command> commands;  ///< by sequence - 1
  std::vector<reference_event> events;
  index_t ended;                  ///< none: lives
  bool expired = false;           ///< its time was over; its client did not close it
  bool let_go = false;            ///< its client did not take its events
  std::vector<index_t> given_up;  ///< where it was let go, and again
};

class reference {
 public:
  explicit reference(resources::machine_registry machines = resources::builtin_machines())
      : registry_(std::move(machines)) {}

  /// Requires: `e` follows the entry before.
  void apply(const raft::entry& e);
  [[nodiscard]] index_t applied() const { return applied_; }
  /// What a query of the resource with that name is answered now.
  [[nodiscard]] resources::query_result query(
      session_id session,
      const std::string& name,
      const std::string& type,
      std::string_view operation);
  /// When a session expires, or something in a resource has its time, if no other entry comes.
  [[nodiscard]] std::optional<log_time> next_deadline() const;
  /// How many sessions live.
  [[nodiscard]] std::size_t living() const { return alive_.size(); }
  /// Of all machines, as `actors::applied_state::resources`.
  [[nodiscard]] std::uint64_t hash_of_resources() const;
  /// Where a machine first did something else than its specification, if one did.
  struct disagreement {
    index_t index;
    std::string resource;
    std::string sentence;
  };
  [[nodiscard]] const std::optional<disagreement>& disagrees() const { return disagrees_; }
  /// Every session that ever was.
  [[nodiscard]] const std::map<session_id, reference_session>& sessions() const {
    return sessions_;
  }

 private:
  struct live_session {
    std::uint64_t timeout_ms = 0;
    std::string token;
    log_time deadline;
    bool expiring = false;  // nothing keeps it alive any more
  };
  struct resource {
    std::uint64_t number = 0;  // in order of creation
    std::string name;
    std::string type;
    held_machine machine;
    std::set<session_id> users;
    std::vector<resources::task> tasks;  // of the present entry
    bool deleted = false;
  };

  void expire();
  void end_session(session_id session);
  void close(const log::CloseSession& c);
  void open(const log::OpenSession& o);
  void carry_out(const log::Command& c);
  void perform(session_id session, const log::Command& c, reference_command& answer);
  [[nodiscard]] resources::task task_of(session_id session, const log::Command& c) const;
  [[nodiscard]] bool touch(session_id session);
  [[nodiscard]] resource* find(const std::string& name);
  void run_machines();
  void run(resource& r);
  void note(const std::string& name, const held_machine& machine);

  resources::machine_registry registry_;
  std::map<session_id, live_session> alive_;
  std::map<session_id, reference_session> sessions_;
  std::vector<std::unique_ptr<resource>> resources_;  // in the order in which they were made
  std::uint64_t resources_made_ = 0;
  index_t applied_;
  log_time now_;
  std::optional<disagreement> disagrees_;
};

}  // namespace atomix::sim
