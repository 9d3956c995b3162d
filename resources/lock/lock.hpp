// SPDX-License-Identifier: Apache-2.0
/// \file `atomix::lock`: one holder in the whole cluster, fair, with fencing tokens.
#pragma once

#include "resources/handle.hpp"
#include "resources/listening.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace atomix {

/// The lock was granted.
struct lock_grant {
  /// Larger than that of every earlier grant of this name, even if the lock was deleted meanwhile.
  /// Pass it on to what the lock protects, which refuses smaller ones: then a holder that lost the
  /// lock without noticing does no harm.
  index_t token;

  friend bool operator==(const lock_grant&, const lock_grant&) = default;
};

struct lock_state {
  session_id holder;  ///< none if the lock is free
  index_t token;      ///< of the holder
  std::uint64_t waiting = 0;
};

/// Granted in the order of asking; held by a session, and free again when that ends. Not reentrant:
/// a session that holds the lock or waits for it, with this handle or another of the same client,
/// is refused with failed_precondition when it asks again. Two that contend in one process need a
/// client each.
///
/// Copies are the same handle. Thread-safe. Waits go on when the handle is gone.
class lock : public handle {
 public:
  static constexpr std::string_view type_name = "lock";

  lock(const std::shared_ptr<invoker>& session, const std::string& name);

  /// Waits its turn.
  /// Errors: failed_precondition – the session holds the lock or waits already;
  ///         cancelled – `cancel` ended the wait;
  ///         aborted – the lock was deleted meanwhile.
  /// Certainty: unknown if the session ended meanwhile; but then it does not hold the lock.
  [[nodiscard]] future<lock_grant> acquire() const;
  /// Absent if somebody else holds it.
  [[nodiscard]] future<std::optional<lock_grant>> try_acquire() const;
  /// Waits for at most `patience` of log time, never less; then absent.
  /// Errors: as `acquire`; invalid_argument – `patience` is negative.
  [[nodiscard]] future<std::optional<lock_grant>> try_acquire(
      std::chrono::milliseconds patience) const;
  /// Ends the wait of this session. False if it does not wait (any more: then it may hold).
  [[nodiscard]] future<bool> cancel() const;

  /// Releases what this session holds; false, and nothing happened, if it holds nothing.
  [[nodiscard]] future<bool> release() const;
  /// The same, but only if it was granted with this token.
  [[nodiscard]] future<bool> release(lock_grant grant) const;

  /// A copy whose queries ask for `level` unless the call says otherwise. It shares its grants
  /// with this one. (`check` is always atomic.)
  [[nodiscard]] lock with(consistency level) const { return asking(*this, level); }

  [[nodiscard]] future<lock_state> state(freshness level = {}) const;
  /// Whether `token` is that of the present holder: true at some moment of the call.
  [[nodiscard]] future<bool> check(index_t token) const;

  /// Calls `listener` on the session's thread if the session expires while it holds the lock by
  /// this handle or a copy: the client notices earlier than the cluster, nobody else holds it yet.
  /// Or if somebody deletes the lock: then another may hold one of the same name already. If that
  /// happened before to the last grant and nobody was told, `listener` is called at once, here.
  [[nodiscard]] listening on_lost(std::function<void(lock_grant)> listener) const;

 private:
  struct requests;
  [[nodiscard]] future<std::optional<lock_grant>> ask(std::string operation) const;

  std::shared_ptr<requests> requests_;
};

}  // namespace atomix
