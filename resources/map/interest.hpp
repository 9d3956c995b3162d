// SPDX-License-Identifier: Apache-2.0
/// \file The sessions that listen to a map, to all of it or to single keys. Part of its replicated
/// state.
#pragma once

#include "resources/listeners.hpp"
#include "resources/machine.hpp"

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>

namespace atomix::resources::map {

/// A change costs the sessions that hear of it, not those that listen to other keys.
class interest {
 public:
  void add_all(session_id session, std::uint64_t listener) { all_.add(session, listener); }
  void remove_all(session_id session, std::uint64_t listener) { all_.remove(session, listener); }
  void add(std::string_view key, session_id session, std::uint64_t listener) {
    const auto found = keys_.find(key);
    (found != keys_.end() ? found->second : keys_[std::string(key)]).add(session, listener);
  }
  void remove(std::string_view key, session_id session, std::uint64_t listener) {
    const auto found = keys_.find(key);
    if (found == keys_.end()) return;
    found->second.remove(session, listener);
    if (found->second.empty()) keys_.erase(found);
  }
  /// The session ended, with all that it wanted.
  void drop(session_id session) {
    all_.drop(session);
    for (auto i = keys_.begin(); i != keys_.end();) {
      i->second.drop(session);
      i = i->second.empty() ? keys_.erase(i) : std::next(i);
    }
  }

  [[nodiscard]] bool wants(std::string_view key) const {
    return !all_.empty() || (!keys_.empty() && keys_.find(key) != keys_.end());
  }
  /// Once to each session that listens to `key` or to all.
  void publish(commit_context& context, std::string_view key, const std::string& event) const {
    all_.publish(context, event);
    const auto found = keys_.find(key);
    if (found == keys_.end()) return;
    found->second.each_session([&](session_id to) {
      if (!all_.contains(to)) context.publish(to, event);
    });
  }
  /// Once to each session that listens to anything.
  void publish_to_all(commit_context& context, const std::string& event) const {
    std::set<session_id> everybody;
    const auto join = [&](session_id session) {
      everybody.insert(session);
    };
    all_.each_session(join);
    for (const auto& [key, sessions] : keys_)
      sessions.each_session(join);
    for (const session_id session : everybody)
      context.publish(session, event);
  }
  void walk(state_walk& walk) const {
    all_.walk(walk);
    walk.number(keys_.size());
    for (const auto& [key, sessions] : keys_) {
      walk.bytes(key);
      sessions.walk(walk);
    }
  }

 private:
  listeners all_;
  std::map<std::string, listeners, std::less<>> keys_;  // no key without a session
};

}  // namespace atomix::resources::map
