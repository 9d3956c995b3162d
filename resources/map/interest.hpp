// SPDX-License-Identifier: Apache-2.0
/// \file The sessions that listen to a map, to all of it or to single keys. Part of its replicated
/// state.
#pragma once

#include "resources/machine.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace atomix::resources::map {

/// Counts per session, as `listeners` does. A change costs the sessions that hear of it, not those
/// that listen to other keys.
class interest {
 public:
  void add_all(session_id session) { ++all_[session]; }
  void remove_all(session_id session) { decrement(all_, session); }
  void add(std::string_view key, session_id session) {
    const auto found = keys_.find(key);
    ++(found != keys_.end() ? found->second : keys_[std::string(key)])[session];
  }
  void remove(std::string_view key, session_id session) {
    const auto found = keys_.find(key);
    if (found == keys_.end()) return;
    decrement(found->second, session);
    if (found->second.empty()) keys_.erase(found);
  }
  /// The session ended, with all that it wanted.
  void drop(session_id session) {
    all_.erase(session);
    for (auto i = keys_.begin(); i != keys_.end();) {
      i->second.erase(session);
      i = i->second.empty() ? keys_.erase(i) : std::next(i);
    }
  }

  [[nodiscard]] bool wants(std::string_view key) const {
    return !all_.empty() || (!keys_.empty() && keys_.find(key) != keys_.end());
  }
  /// Once to each session that listens to `key` or to all.
  void publish(commit_context& context, std::string_view key, const std::string& event) const {
    for (const auto& [session, count] : all_)
      context.publish(session, event);
    const auto found = keys_.find(key);
    if (found == keys_.end()) return;
    for (const auto& [session, count] : found->second)
      if (!all_.contains(session)) context.publish(session, event);
  }
  /// Once to each session that listens to anything.
  void publish_to_all(commit_context& context, const std::string& event) const {
    counts everybody = all_;
    for (const auto& [key, sessions] : keys_)
      everybody.insert(sessions.begin(), sessions.end());
    for (const auto& [session, count] : everybody)
      context.publish(session, event);
  }
  void walk(state_walk& walk) const {
    walk_counts(walk, all_);
    walk.number(keys_.size());
    for (const auto& [key, sessions] : keys_) {
      walk.bytes(key);
      walk_counts(walk, sessions);
    }
  }

 private:
  using counts = std::map<session_id, std::uint64_t>;

  static void decrement(counts& in, session_id session) {
    const auto found = in.find(session);
    if (found != in.end() && --found->second == 0) in.erase(found);
  }
  static void walk_counts(state_walk& walk, const counts& sessions) {
    walk.number(sessions.size());
    for (const auto& [session, count] : sessions) {
      walk.number(session.value());
      walk.number(count);
    }
  }

  counts all_;
  std::map<std::string, counts, std::less<>> keys_;  // no key without a session
};

}  // namespace atomix::resources::map
