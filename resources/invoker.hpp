// SPDX-License-Identifier: Apache-2.0
/// \file What a handle needs from a session. Implemented by the client's session actor; a test
/// implements it over a machine in the same process.
#pragma once

#include "resources/consistency.hpp"

#include "raft/base/ids.hpp"

#include <absl/status/statusor.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace atomix {

/// A client's view of its session.
enum class session_state : std::uint8_t {
  connecting,  ///< never had a session yet
  connected,
  suspended,  ///< out of touch; the session may still live, calls wait
  expired,    ///< the cluster gave the session up; everything bound to it is lost
  closed,     ///< closed by its owner
};
[[nodiscard]] std::string_view to_string(session_state state);

struct resource_name {
  std::string name;  ///< chosen by the user; not empty
  std::string type;  ///< `machine::type_name`
};

/// A reply to a command or query: encoded result, and the log index it belongs to.
struct outcome {
  index_t index;
  std::string result;
};
using completion = std::function<void(absl::StatusOr<outcome>)>;

using listener_id = strong<struct listener_tag>;
/// Encoded event (tag and message) of one resource and the log index of its cause.
using event_listener = std::function<void(index_t, std::string_view event)>;
using state_listener = std::function<void(session_state)>;

/// Calls may come from any thread; completions and listeners run on the session's thread, replies
/// and events in the order of the log. They must not block.
class invoker {
 public:
  invoker() = default;
  invoker(const invoker&) = delete;
  invoker& operator=(const invoker&) = delete;
  virtual ~invoker() = default;

  /// Exactly once while the session lives, in the order of the calls.
  virtual void command(const resource_name& resource, std::string operation, completion done) = 0;
  virtual void query(
      const resource_name& resource, std::string operation, consistency level, completion done) = 0;
  virtual listener_id listen(const std::string& resource, event_listener listener) = 0;
  /// Also tells the present state at once.
  virtual listener_id watch_state(state_listener listener) = 0;
  virtual void forget(listener_id listener) = 0;
};

}  // namespace atomix
