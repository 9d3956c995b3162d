// SPDX-License-Identifier: Apache-2.0
/// \file The sessions that listen to a machine. Part of its replicated state.
#pragma once

#include "resources/machine.hpp"

#include <cstdint>
#include <map>
#include <string>

namespace atomix::resources {

/// Counts per session: two handles of one session may listen, and one of them stop.
class listeners {
 public:
  void add(session_id session) { ++counts_[session]; }
  void remove(session_id session) {
    const auto found = counts_.find(session);
    if (found != counts_.end() && --found->second == 0) counts_.erase(found);
  }
  /// The session ended, with all that it wanted.
  void drop(session_id session) { counts_.erase(session); }
  [[nodiscard]] bool empty() const { return counts_.empty(); }

  /// Once to each session, however often it listens.
  void publish(commit_context& context, const std::string& event) const {
    for (const auto& [session, count] : counts_)
      context.publish(session, event);
  }
  void walk(state_walk& walk) const {
    walk.number(counts_.size());
    for (const auto& [session, count] : counts_) {
      walk.number(session.value());
      walk.number(count);
    }
  }

 private:
  std::map<session_id, std::uint64_t> counts_;
};

}  // namespace atomix::resources
