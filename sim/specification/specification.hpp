// SPDX-License-Identifier: Apache-2.0
/// \file What each resource of the catalog must do: its sequential specification (Herlihy and Wing
/// 1990), told a second time and as plainly as possible, one entry at a time. Machines are fast;
/// this is short. It shares the messages with them and not a line of what they do, so that a
/// machine that is wrong on every replica alike is found.
#pragma once

#include "resources/machine.hpp"

#include "raft/base/ids.hpp"

#include <absl/status/status.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace atomix::sim {

struct specified_answer {
  absl::StatusCode code = absl::StatusCode::kOk;
  std::string result;
  bool operator==(const specified_answer&) const = default;
};

struct specified_event {
  session_id to;
  std::string event;
  bool operator==(const specified_event&) const = default;
};

/// Sessions that listen, each as often as it asked to.
class audience {
 public:
  specified_answer join(session_id session, std::uint64_t listener) {
    members_.emplace(session, listener);
    return {};
  }
  specified_answer leave(session_id session, std::uint64_t listener) {
    members_.erase({session, listener});
    return {};
  }
  void end(const std::set<session_id>& ended) {
    std::erase_if(members_, [&](const auto& member) { return ended.contains(member.first); });
  }
  /// Each once.
  [[nodiscard]] std::set<session_id> sessions() const {
    std::set<session_id> found;
    for (const auto& [session, listener] : members_)
      found.insert(session);
    return found;
  }

 private:
  std::set<std::pair<session_id, std::uint64_t>> members_;
};

class specification {
 public:
  specification() = default;
  specification(const specification&) = delete;
  specification& operator=(const specification&) = delete;
  virtual ~specification() = default;

  /// The next entry, with all that ends by itself up to its time.
  /// Requires: then `end_sessions` if sessions ended there, then `command` or `remove` if it has
  /// any.
  void enter(index_t index, log_time now) {
    index_ = index;
    now_ = now;
    expire();
  }
  virtual void end_sessions(const std::set<session_id>& sessions) = 0;
  virtual specified_answer command(session_id from, std::string_view operation) = 0;
  virtual void remove() = 0;
  /// Whether this command only takes back what an earlier one did: no resource is made for it.
  [[nodiscard]] virtual bool takes_back(std::string_view operation) const = 0;
  [[nodiscard]] virtual specified_answer query(std::string_view operation) const = 0;
  /// The first moment at which something ends by itself.
  [[nodiscard]] virtual std::optional<log_time> next_deadline() const { return std::nullopt; }
  /// Queries whose answers show the state.
  [[nodiscard]] virtual std::vector<std::string> questions() const = 0;
  /// What was published since the last call, in order.
  [[nodiscard]] std::vector<specified_event> take_events() { return std::exchange(events_, {}); }

 protected:
  [[nodiscard]] index_t index() const { return index_; }
  [[nodiscard]] log_time now() const { return now_; }

  void tell(session_id to, std::string event) { events_.push_back({to, std::move(event)}); }
  void tell_all(const audience& listening, const std::string& event) {
    for (const session_id session : listening.sessions())
      tell(session, event);
  }

  [[nodiscard]] static specified_answer with(const google::protobuf::MessageLite& reply) {
    return {absl::StatusCode::kOk, reply.SerializeAsString()};
  }
  [[nodiscard]] static specified_answer refused(absl::StatusCode code) { return {code, {}}; }

  /// Passes the message in `operation`, one of `List`, to `act`.
  template <class List, class Act>
  [[nodiscard]] static specified_answer carry_out(std::string_view operation, const Act& act) {
    specified_answer answer = refused(absl::StatusCode::kInvalidArgument);
    static_cast<void>(resources::decode_op(
        List{}, operation, [&](const auto& message) { answer = act(message); }));
    return answer;
  }

  /// Whether `operation` says of itself that it is one of `Messages`, readable or not.
  template <class List, class... Messages>
  [[nodiscard]] static bool is_one_of(std::string_view operation) {
    if (operation.empty()) return false;
    const auto tag = static_cast<unsigned char>(operation.front());
    return ((resources::op_position<List, Messages>::value == tag) || ...);
  }

 private:
  virtual void expire() {}

  index_t index_;
  log_time now_;
  std::vector<specified_event> events_;
};

[[nodiscard]] std::unique_ptr<specification> specify_value();
[[nodiscard]] std::unique_ptr<specification> specify_counter();
[[nodiscard]] std::unique_ptr<specification> specify_map();
[[nodiscard]] std::unique_ptr<specification> specify_lock();
[[nodiscard]] std::unique_ptr<specification> specify_election();

/// Of the resource type with that name; null for one that is not of the catalog.
[[nodiscard]] std::unique_ptr<specification> specify(std::string_view type);

}  // namespace atomix::sim
