// SPDX-License-Identifier: Apache-2.0
/// \file The machine behind `atomix::counter`: one number.
#pragma once

#include "resources/counter/counter.pb.h"
#include "resources/listeners.hpp"
#include "resources/machine.hpp"

#include <cstdint>
#include <string_view>

namespace atomix::resources::counter {

class machine {
 public:
  static constexpr std::string_view type_name = "counter";
  using commands =
      op_list<proto::Set, proto::CompareAndSet, proto::Add, proto::Listen, proto::Unlisten>;
  using undo = op_list<proto::Unlisten>;
  using queries = op_list<proto::Get>;
  using events = op_list<proto::Changed>;

  void apply(commit_context& c, const proto::Set& op);
  void apply(commit_context& c, const proto::CompareAndSet& op);
  void apply(commit_context& c, const proto::Add& op);
  void apply(commit_context& c, const proto::Listen& op);
  void apply(commit_context& c, const proto::Unlisten& op);
  void query(query_context& c, const proto::Get& op) const;
  void on_session_closed(commit_context& c, session_id session);
  void on_deleted(commit_context& c);
  void on_timer(commit_context& c, timer_key key);
  void walk(state_walk& walk) const;

 private:
  void move_to(commit_context& c, std::int64_t value);
  void write(commit_context& c, std::int64_t value);

  std::int64_t value_ = 0;
  listeners listeners_;
};

}  // namespace atomix::resources::counter
