// SPDX-License-Identifier: Apache-2.0
/// \file A machine of the catalog and its specification, run side by side.
#pragma once

#include "sim/specification/specification.hpp"

#include "resources/invoker.hpp"
#include "resources/machine_host.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace atomix::sim {

/// Does what the machine does, and notes where the specification would have done something else: in
/// answers, events, what ends by itself and when, or the state that queries show. Machines that are
/// not of the catalog have no specification and are only run; one that takes the name of a machine
/// of the catalog is held to that one's.
class held_machine {
 public:
  /// Requires: not null.
  held_machine(std::string name, std::unique_ptr<resources::machine_host> machine);

  /// One entry; at most one of `tasks` is no end of a session, and that is the last one.
  [[nodiscard]] resources::batch_results run(
      resources::clock_mark mark, std::vector<resources::task> tasks);
  /// Whether a command only takes back what an earlier one did, see `resources::has_undo`.
  [[nodiscard]] bool takes_back(std::string_view operation);
  [[nodiscard]] resources::query_result query(
      session_id session, log_time now, std::string_view operation);
  /// When either of the two has something to do.
  [[nodiscard]] std::optional<log_time> next_deadline() const { return deadline_; }
  [[nodiscard]] std::uint64_t state_hash() const { return machine_->state_hash(); }
  /// In one sentence, where they parted first; empty while they agree.
  [[nodiscard]] const std::string& disagreement() const { return disagreement_; }

 private:
  struct done {
    std::optional<specified_answer> answer;
    std::vector<specified_event> events;  // by session, then in order
  };

  [[nodiscard]] done specified(
      resources::clock_mark mark, const std::vector<resources::task>& tasks);
  void compare(
      resources::clock_mark mark,
      const resources::task* asked,
      const resources::batch_results& seen,
      const done& wanted);
  void compare_state(resources::clock_mark mark);
  void compare_answer(
      bool is_query,
      std::string_view operation,
      const std::string& when,
      const specified_answer& seen,
      const specified_answer& wanted);
  void object(const std::string& what);

  resource_name resource_;
  std::unique_ptr<resources::machine_host> machine_;
  std::unique_ptr<specification> specification_;  // null: there is none
  std::optional<log_time> deadline_;
  std::string disagreement_;
};

}  // namespace atomix::sim
