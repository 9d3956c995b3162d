// SPDX-License-Identifier: Apache-2.0
/// \file The sessions of a replica, as the log says (thesis 6.3): who lives, which command was
/// already applied, cached replies, unacknowledged events. Pure; owned by the applier.
///
/// Replicas cut the log into batches as they like, and results arrive after the batch that caused
/// them. So nothing here that decides may depend on when `complete` and `publish` are called: the
/// verdicts follow from the entries alone, and replicas are equal whenever all results are in.
#pragma once

#include "resources/answer_limit.hpp"

#include "raft/base/ids.hpp"

#include <absl/status/status.h>

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace atomix::resources {

struct cached_reply {
  std::uint64_t sequence = 0;
  index_t index;
  absl::StatusCode code = absl::StatusCode::kOk;
  std::string error;
  std::string result;
};

/// Events of a session count from 1 without a gap on every replica alike.
struct session_event {
  std::uint64_t number = 0;
  index_t index;
  std::uint64_t after_sequence = 0;  ///< replies up to this one come first
  std::string resource;
  std::string event;
};

enum class admission : std::uint8_t {
  fresh,      ///< apply it, then `complete`
  duplicate,  ///< applied before: answer with the cached reply
  pending,    ///< applied, its reply not completed yet in this batch: it will come
  forgotten,  ///< applied before, its reply acknowledged: nobody waits for it
  gap,        ///< does not follow the last command: refused, the client sends again
  unknown_session,
};

struct admitted {
  admission verdict = admission::unknown_session;
  const cached_reply* reply = nullptr;  ///< for `duplicate`; valid until the next change
};

/// Bounds per session, equal on every replica: they are part of the machine.
struct session_limits {
  /// Beyond it the oldest reply is forgotten: clients must not have more calls under way.
  std::uint64_t replies_max = 65'536;
  /// Beyond either, or with a larger event, the session is told of by `overflowed`.
  std::size_t events_max = 100'000;
  std::size_t events_bytes_max = 256U << 20U;
  std::size_t event_bytes_max = answer_bytes_max;
};

class session_table {
 public:
  static constexpr std::uint64_t timeout_ms_min = 500;
  static constexpr std::uint64_t timeout_ms_max = 3'600'000;

  session_table() = default;
  explicit session_table(const session_limits& limits) : limits_(limits) {}

  /// Moves log time. Returns the sessions that expired at this entry, in order of id; they are
  /// gone.
  [[nodiscard]] std::vector<session_id> advance(log_time now);
  /// A leader started its term: every session gets a full timeout from `now`, because time stood
  /// still for us, not for clients (leader trouble never expires a healthy session).
  void grant_grace(log_time now);

  /// Opens a session with id `index`, or finds the one that `token` opened and keeps that alive.
  /// Timeouts are clamped. An empty token opens a new session each time.
  session_id open(index_t index, std::string_view token, std::uint64_t timeout_ms, log_time now);
  /// False if there is no such session.
  [[nodiscard]] bool keep_alive(
      session_id id, std::uint64_t replies_seen, std::uint64_t events_seen, log_time now);
  /// False if there is no such session.
  [[nodiscard]] bool close(session_id id);
  /// Nothing keeps the session alive from now on, and it hears of no more events: to its client,
  /// who should be told, it is gone. Others get what it holds only when it expires, because its
  /// client may hear of this late, but stops by its own clock before that. False if there is no
  /// such session, or it was let go before.
  [[nodiscard]] bool let_expire(session_id id);

  /// Exactly once: decides about command `sequence` in the entry at `index`. `fresh` counts it as
  /// applied. Any command also keeps the session alive.
  [[nodiscard]] admitted admit(session_id id, std::uint64_t sequence, index_t index, log_time now);
  /// The reply of an admitted command, in any order. Ignored if nobody waits for it any more.
  void complete(session_id id, cached_reply reply);
  /// Adds an event for `to`; false if nobody waits for it: the session is gone, or has acknowledged
  /// it (another replica was faster, and the acknowledgement stands in the same batch). Also false
  /// for an event that is too large to be sent, and for all behind it: a client never hears what
  /// comes after a gap.
  /// Requires: called in order of index, and at one index in order of resource (timers of several
  /// resources may fire at one entry): the numbers of events must be the same on every replica.
  bool publish(session_id to, index_t index, std::string resource, std::string event);
  /// The event published last to session `id`; null if it is acknowledged already, or there is
  /// none.
  [[nodiscard]] const session_event* last_event(session_id id) const;
  /// Sessions that stopped acknowledging their events. When a queue is found full depends on how
  /// this replica batches, so the leader lets them expire through the log.
  [[nodiscard]] std::vector<session_id> overflowed() const;

  [[nodiscard]] bool contains(session_id id) const;
  /// It lives, and was not let go: more of its commands may come.
  [[nodiscard]] bool is_in_use(session_id id) const;
  [[nodiscard]] std::size_t size() const;
  [[nodiscard]] std::uint64_t timeout_ms(session_id id) const;  ///< 0: no such session
  /// Last command applied; 0 for none or no such session.
  [[nodiscard]] std::uint64_t last_sequence(session_id id) const;
  /// Events after `number` that are not acknowledged, in order.
  [[nodiscard]] std::vector<session_event> events_after(session_id id, std::uint64_t number) const;
  /// Replies cached from `sequence` on, in order (a client that attached again missed them).
  [[nodiscard]] std::vector<cached_reply> replies_from(session_id id, std::uint64_t sequence) const;
  /// No session expires before this; moved closer to the truth by `advance`, and always later than
  /// the time of the last one.
  [[nodiscard]] std::optional<log_time> next_deadline() const;
  [[nodiscard]] std::uint64_t state_hash() const;

 private:
  struct reply_slot {
    bool completed = false;
    cached_reply reply;  // sequence and index are known from the start
  };
  struct session {
    std::string token;
    std::uint64_t timeout_ms = 0;
    log_time deadline;
    log_time filed;  // where `by_deadline_` has it: never later than `deadline`
    std::uint64_t last_sequence = 0;
    std::uint64_t events_published = 0;
    std::uint64_t events_seen = 0;     // may run ahead of `events_published` of a slow replica
    std::deque<reply_slot> replies;    // of sequences up to `last_sequence`, without a gap
    std::deque<session_event> events;  // not acknowledged, in order
    std::size_t events_bytes = 0;      // of these
    bool gapped = false;               // an event was too large: none is kept from there on
    bool expiring = false;             // nothing keeps it alive any more
  };
  using session_map = std::map<session_id, session>;

  [[nodiscard]] const session* find(session_id id) const;
  [[nodiscard]] session* find(session_id id);
  /// One whose client may still use it.
  [[nodiscard]] session* find_in_use(session_id id);
  void erase(session_map::iterator found);
  static std::uint64_t replies_forgotten(const session& s) {
    return s.last_sequence - s.replies.size();
  }
  static void touch(session& s, log_time now);
  void note_overflow(session_id id, const session& s);

  session_limits limits_;
  session_map sessions_;
  std::map<std::string, session_id, std::less<>> by_token_;
  // Contact moves a deadline at every command; the place in this index is corrected only when it
  // reaches the front.
  std::set<std::pair<log_time, session_id>> by_deadline_;
  std::set<session_id> overflowed_;
};

}  // namespace atomix::resources
