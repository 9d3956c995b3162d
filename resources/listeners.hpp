// SPDX-License-Identifier: Apache-2.0
/// \file The sessions that listen to a machine. Part of its replicated state.
#pragma once

#include "resources/machine.hpp"

#include <cstdint>
#include <map>
#include <set>
#include <string>

namespace atomix::resources {

/// Two handles of one session may listen, and one of them stop: so each listener has a number,
/// which its session chose. Who stops a listener that a deletion took along stops no other one.
class listeners {
 public:
  void add(session_id session, std::uint64_t listener) { wishes_[session].insert(listener); }
  void remove(session_id session, std::uint64_t listener) {
    const auto found = wishes_.find(session);
    if (found == wishes_.end()) return;
    found->second.erase(listener);
    if (found->second.empty()) wishes_.erase(found);
  }
  /// The session ended, with all that it wanted.
  void drop(session_id session) { wishes_.erase(session); }
  [[nodiscard]] bool empty() const { return wishes_.empty(); }
  [[nodiscard]] bool contains(session_id session) const { return wishes_.contains(session); }

  /// Calls `visit` once for each session, however often it listens, in order.
  template <class Visitor>
  void each_session(Visitor&& visit) const {
    for (const auto& [session, wish] : wishes_)
      visit(session);
  }
  void publish(commit_context& context, const std::string& event) const {
    each_session([&](session_id to) { context.publish(to, event); });
  }
  void walk(state_walk& walk) const {
    walk.number(wishes_.size());
    for (const auto& [session, wish] : wishes_) {
      walk.number(session.value());
      walk.number(wish.size());
      for (const std::uint64_t listener : wish)
        walk.number(listener);
    }
  }

 private:
  std::map<session_id, std::set<std::uint64_t>> wishes_;  // no session without a listener
};

}  // namespace atomix::resources
