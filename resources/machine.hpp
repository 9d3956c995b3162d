// SPDX-License-Identifier: Apache-2.0
/// \file What a replicated state machine is: a pure class that obeys `replicated_machine`.
///
/// A machine gets operations in log order and answers through its context. It is deterministic: no
/// clock, no chance, no threads, no unordered iteration; two machines that applied the same log are
/// equal. It is its own sequential specification.
///
/// An operation or event is encoded as one byte, its position in the machine's list, followed by
/// the Protobuf message. A reply is the message alone: whoever asked knows its type.
#pragma once

#include "resources/answer_limit.hpp"

#include "raft/base/ids.hpp"

#include <absl/status/status.h>
#include <google/protobuf/message_lite.h>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

namespace atomix::resources {

/// Positions in these lists are on disk and on the wire: only add at the end.
template <class... Messages>
struct op_list {
  static constexpr std::size_t size = sizeof...(Messages);
  static_assert(size < 256, "an operation's position is one byte");
};

/// Whether, and where, `Message` stands in an `op_list`.
template <class List, class Message>
struct op_position;
template <class... Messages, class Message>
struct op_position<op_list<Messages...>, Message> {
  static constexpr std::size_t find() {
    std::size_t position = 0;
    static_cast<void>(((std::is_same_v<Messages, Message> || (++position, false)) || ...));
    return position;
  }
  static constexpr std::size_t value = find();
  static constexpr bool found = value < sizeof...(Messages);
};

/// Names a timer of a machine: unique within it, chosen by the machine.
using timer_key = std::uint64_t;

/// What a command sees and may do. Valid during one call only.
class commit_context {
 public:
  commit_context() = default;
  commit_context(const commit_context&) = delete;
  commit_context& operator=(const commit_context&) = delete;
  virtual ~commit_context() = default;

  /// Log index of what is applied: strictly increasing from one command to the next, so a fencing
  /// token. For a timer: the entry whose time fired it.
  [[nodiscard]] virtual index_t index() const = 0;
  [[nodiscard]] virtual log_time now() const = 0;
  /// Whose command it is; none for timers, closings and deletion.
  [[nodiscard]] virtual session_id session() const = 0;

  /// Answers the command. Requires: at most one of `reply` and `fail`, once, and a command to
  /// answer (not a timer, closing or deletion). Without either the answer is empty.
  virtual void reply(const google::protobuf::MessageLite& result) = 0;
  /// Answers with an error; the machine has not changed.
  virtual void fail(const absl::Status& status) = 0;

  /// Sends `event` (encoded, see `encode_op`) to a session, after the answer to what caused it.
  /// A session that is gone is ignored: a dead listener never breaks a write. One that is sent more
  /// than `answer_bytes_max` in one event expires, as it could not hear what follows either.
  virtual void publish(session_id to, std::string event) = 0;

  /// Calls `on_timer(key)` once log time has reached `at`, never before, and never at the present
  /// entry. Replaces the timer `key`.
  virtual void schedule(timer_key key, log_time at) = 0;
  virtual void cancel(timer_key key) = 0;
};

/// What a query sees.
class query_context {
 public:
  query_context() = default;
  query_context(const query_context&) = delete;
  query_context& operator=(const query_context&) = delete;
  virtual ~query_context() = default;

  [[nodiscard]] virtual log_time now() const = 0;
  [[nodiscard]] virtual session_id session() const = 0;
  /// Answers. More than `answer_bytes_max` is `answer_too_large` instead; who can foresee it fails
  /// so without gathering it all, as other calls wait meanwhile.
  virtual void reply(const google::protobuf::MessageLite& result) = 0;
  virtual void fail(const absl::Status& status) = 0;
};

/// Where a machine walks its state in a fixed order, for comparing replicas (and for snapshots
/// later: what is not walked is not part of the state).
class state_walk {
 public:
  state_walk() = default;
  state_walk(const state_walk&) = delete;
  state_walk& operator=(const state_walk&) = delete;
  virtual ~state_walk() = default;
  virtual void number(std::uint64_t value) = 0;
  virtual void bytes(std::string_view value) = 0;
};

/// Encodes `message` as the operation (event) at its position in `List`.
template <class List, class Message>
[[nodiscard]] std::string encode_op(const Message& message) {
  using position = op_position<List, Message>;
  static_assert(position::found, "this message is not in the machine's list");
  std::string bytes(1, static_cast<char>(position::value));
  message.AppendToString(&bytes);
  return bytes;
}

/// Decodes one of `List` and passes the message to `visit`, a generic function.
/// Errors: false if the bytes are malformed; then `visit` was not called.
template <class... Messages, class Visitor>
[[nodiscard]] bool decode_op(op_list<Messages...>, std::string_view bytes, Visitor&& visit) {
  if (bytes.empty()) return false;
  const auto tag = static_cast<unsigned char>(bytes.front());
  bytes.remove_prefix(1);
  std::size_t position = 0;
  const auto try_one = [&]<class Message>(Message message) {
    if (position++ != tag) return false;
    if (!message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) return false;
    visit(message);
    return true;
  };
  return (try_one(Messages{}) || ...);
}

/// Decodes what must be a `Message`, one of `List`; nothing if it is another one or malformed.
template <class List, class Message>
[[nodiscard]] std::optional<Message> decode_as(std::string_view bytes) {
  using position = op_position<List, Message>;
  static_assert(position::found, "this message is not in the machine's list");
  if (bytes.empty() || static_cast<unsigned char>(bytes.front()) != position::value)
    return std::nullopt;
  Message message;
  if (!message.ParseFromArray(bytes.data() + 1, static_cast<int>(bytes.size() - 1)))
    return std::nullopt;
  return message;
}

/// Optional: `void settle(commit_context&)`, called once after all closings of one entry. Several
/// sessions may end at one entry: what they leave is passed on here and not in `on_session_closed`,
/// or one that is about to end itself would get it.
template <class M>
concept settles = requires(M m, commit_context& context) {
  m.settle(context);
};

/// Optional: `void on_deleted(commit_context&)`, the last call of a machine whose resource was
/// deleted. Whoever waits for anything must hear here that it will not come.
template <class M>
concept hears_deletion = requires(M m, commit_context& context) {
  m.on_deleted(context);
};

/// Optional: `using undo = op_list<...>`, those of its commands that only take back what an earlier
/// one did, and so neither change a fresh machine nor publish or schedule anything on it. A
/// resource that is not there is not made for them: they are answered as by a fresh one. (Who
/// cancels a subscription does not know that its resource was deleted meanwhile.)
template <class M>
concept has_undo = requires {
  typename M::undo;
};

/// Whether the encoded `operation` of `Commands` is one of `undo`.
template <class Commands, class... Undo>
[[nodiscard]] bool undoes(op_list<Undo...>, std::string_view operation) {
  static_assert((op_position<Commands, Undo>::found && ...), "what undoes is a command");
  if (operation.empty()) return false;
  const auto tag = static_cast<unsigned char>(operation.front());
  return ((op_position<Commands, Undo>::value == tag) || ...);
}

/// The requirements on a machine, apart from one `apply` per command and one `query` per query:
///   void apply(commit_context&, const Command&);
///   void query(query_context&, const Query&) const;
/// It may also have `settle` (see `settles`), `on_deleted` (see `hears_deletion`) and `undo` (see
/// `has_undo`).
template <class M>
concept replicated_machine = std::default_initializable<M> && requires(
    M m, const M& c, commit_context& context, session_id session, timer_key key, state_walk& walk) {
  { M::type_name } -> std::convertible_to<std::string_view>;
  typename M::commands;
  typename M::queries;
  typename M::events;
  m.on_session_closed(context, session);
  m.on_timer(context, key);
  c.walk(walk);
};

}  // namespace atomix::resources
