// SPDX-License-Identifier: Apache-2.0
/// \file The machine behind `atomix::lock`: a holder, and those who wait in the order they came.
///
/// Invariants: while somebody waits there is a holder (but for closings that are yet to be
/// settled); a session holds or waits once.
#pragma once

#include "resources/lock/lock.pb.h"
#include "resources/machine.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string_view>

namespace atomix::resources::lock {

class machine {
 public:
  static constexpr std::string_view type_name = "lock";
  using commands = op_list<proto::Acquire, proto::Release, proto::Withdraw>;
  using undo = op_list<proto::Release, proto::Withdraw>;
  using queries = op_list<proto::GetState, proto::Check>;
  using events =
      op_list<proto::Granted, proto::TimedOut, proto::Withdrawn, proto::Released, proto::Deleted>;

  void apply(commit_context& c, const proto::Acquire& op);
  void apply(commit_context& c, const proto::Release& op);
  void apply(commit_context& c, const proto::Withdraw& op);
  void query(query_context& c, const proto::GetState& op) const;
  void query(query_context& c, const proto::Check& op) const;
  void on_session_closed(commit_context& c, session_id session);
  void settle(commit_context& c);
  void on_deleted(commit_context& c);
  void on_timer(commit_context& c, timer_key key);
  void walk(state_walk& walk) const;

 private:
  struct waiter {
    session_id session;
    std::uint64_t handle = 0;
  };
  struct hold {
    waiter by;
    index_t token;
  };
  using queue = std::map<index_t, waiter>;  // by request, and that is the order of asking

  void grant(commit_context& c, const waiter& to);
  void grant_next(commit_context& c);
  void leave(commit_context& c, queue::iterator request);

  std::optional<hold> holder_;
  index_t last_token_;  // ever given
  queue waiting_;
  std::map<session_id, index_t> requests_;  // the same, by session
};

}  // namespace atomix::resources::lock
