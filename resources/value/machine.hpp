// SPDX-License-Identifier: Apache-2.0
/// \file The machine behind `atomix::value`: bytes that may be unset and may have a time to live.
#pragma once

#include "resources/listeners.hpp"
#include "resources/machine.hpp"
#include "resources/value/value.pb.h"

#include <optional>
#include <string>
#include <string_view>

namespace atomix::resources::value {

class machine {
 public:
  static constexpr std::string_view type_name = "value";
  using commands =
      op_list<proto::Set, proto::GetAndSet, proto::CompareAndSet, proto::Listen, proto::Unlisten>;
  using undo = op_list<proto::Unlisten>;
  using queries = op_list<proto::Get>;
  using events = op_list<proto::Changed>;

  void apply(commit_context& c, const proto::Set& op);
  void apply(commit_context& c, const proto::GetAndSet& op);
  void apply(commit_context& c, const proto::CompareAndSet& op);
  void apply(commit_context& c, const proto::Listen& op);
  void apply(commit_context& c, const proto::Unlisten& op);
  void query(query_context& c, const proto::Get& op) const;
  void on_session_closed(commit_context& c, session_id session);
  void on_deleted(commit_context& c);
  void on_timer(commit_context& c, timer_key key);
  void walk(state_walk& walk) const;

 private:
  using content = std::optional<std::string>;

  void write(commit_context& c, content value, std::uint64_t ttl_ms);
  void replace(commit_context& c, content value);
  [[nodiscard]] proto::Current current() const;

  content value_;
  index_t version_;  // of the last write or expiry
  listeners listeners_;
};

}  // namespace atomix::resources::value
