// SPDX-License-Identifier: Apache-2.0
/// \file The machine behind `atomix::map`: bytes to bytes, ordered by key, each entry with or
/// without a time to live.
#pragma once

#include "resources/machine.hpp"
#include "resources/map/interest.hpp"
#include "resources/map/map.pb.h"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace atomix::resources::map {

class machine {
 public:
  static constexpr std::string_view type_name = "map";
  using commands = op_list<
      proto::Put,
      proto::PutIfAbsent,
      proto::Remove,
      proto::RemoveIf,
      proto::Replace,
      proto::ReplaceIf,
      proto::Clear,
      proto::Listen,
      proto::Unlisten>;
  using undo = op_list<proto::Unlisten>;
  using queries =
      op_list<proto::Get, proto::ContainsKey, proto::ContainsValue, proto::GetSize, proto::Scan>;
  using events = op_list<proto::Changed, proto::Cleared>;

  void apply(commit_context& c, const proto::Put& op);
  void apply(commit_context& c, const proto::PutIfAbsent& op);
  void apply(commit_context& c, const proto::Remove& op);
  void apply(commit_context& c, const proto::RemoveIf& op);
  void apply(commit_context& c, const proto::Replace& op);
  void apply(commit_context& c, const proto::ReplaceIf& op);
  void apply(commit_context& c, const proto::Clear& op);
  void apply(commit_context& c, const proto::Listen& op);
  void apply(commit_context& c, const proto::Unlisten& op);
  void query(query_context& c, const proto::Get& op) const;
  void query(query_context& c, const proto::ContainsKey& op) const;
  void query(query_context& c, const proto::ContainsValue& op) const;
  void query(query_context& c, const proto::GetSize& op) const;
  void query(query_context& c, const proto::Scan& op) const;
  void on_session_closed(commit_context& c, session_id session);
  void on_deleted(commit_context& c);
  void on_timer(commit_context& c, timer_key key);
  void walk(state_walk& walk) const;

 private:
  struct entry {
    std::string value;
    timer_key timer = 0;  // 0: no time to live
  };
  using entries = std::map<std::string, entry, std::less<>>;
  struct written {
    const std::string& value;
    std::uint64_t ttl_ms;
  };

  void insert(commit_context& c, entries::iterator before, const std::string& key, written to);
  void overwrite(commit_context& c, entries::iterator at, written to);
  void erase(commit_context& c, entries::iterator at, bool expired);
  void start_ttl(commit_context& c, entries::iterator at, std::uint64_t ttl_ms);
  void stop_ttl(commit_context& c, entry& of);

  entries entries_;
  std::map<timer_key, std::string> expiring_;  // keys of the entries with a time to live
  timer_key last_timer_ = 0;
  interest interest_;
};

}  // namespace atomix::resources::map
