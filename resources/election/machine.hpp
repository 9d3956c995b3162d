// SPDX-License-Identifier: Apache-2.0
/// \file The machine behind `atomix::election`: candidates in the order in which they came; the
/// first of them leads.
///
/// Invariant: there is a leader while there are candidates (but for closings that are yet to be
/// settled).
#pragma once

#include "resources/election/election.pb.h"
#include "resources/listeners.hpp"
#include "resources/machine.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace atomix::resources::election {

class machine {
 public:
  static constexpr std::string_view type_name = "election";
  using commands = op_list<proto::Run, proto::Resign, proto::Listen, proto::Unlisten>;
  using undo = op_list<proto::Resign, proto::Unlisten>;
  using queries = op_list<proto::GetLeader, proto::IsLeader, proto::GetCandidates>;
  using events = op_list<proto::Elected, proto::LeaderChanged, proto::Resigned, proto::Deleted>;

  void apply(commit_context& c, const proto::Run& op);
  void apply(commit_context& c, const proto::Resign& op);
  void apply(commit_context& c, const proto::Listen& op);
  void apply(commit_context& c, const proto::Unlisten& op);
  void query(query_context& c, const proto::GetLeader& op) const;
  void query(query_context& c, const proto::IsLeader& op) const;
  void query(query_context& c, const proto::GetCandidates& op) const;
  void on_session_closed(commit_context& c, session_id session);
  void settle(commit_context& c);
  void on_deleted(commit_context& c);
  void on_timer(commit_context& c, timer_key key);
  void walk(state_walk& walk) const;

 private:
  struct candidate {
    session_id session;
    std::string text;
    std::uint64_t handle = 0;
  };

  [[nodiscard]] proto::Leader leader() const;
  void tell_listeners(commit_context& c) const;
  void leave(session_id session);
  void lead(const commit_context& c, index_t candidacy);
  void pass_on(commit_context& c);

  std::map<index_t, candidate> candidates_;    // by candidacy, and that is the order of coming
  std::map<session_id, index_t> candidacies_;  // the same, by session
  index_t leading_;                            // whose candidacy leads; none if nobody's
  index_t epoch_;                              // its epoch
  index_t last_epoch_;                         // of whoever led last
  listeners listeners_;
};

}  // namespace atomix::resources::election
