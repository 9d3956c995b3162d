// SPDX-License-Identifier: Apache-2.0
/// \file `atomix::election`: one leader in the whole cluster, with epochs.
#pragma once

#include "resources/handle.hpp"
#include "resources/listening.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace atomix {

struct election_candidate {
  session_id session;
  std::string candidate;  ///< as given to `run`
};

struct election_leader {
  session_id session;
  index_t epoch;
  std::string candidate;  ///< as given to `run`
};

struct election_change {
  index_t index;                          ///< log index of the change
  std::optional<election_leader> leader;  ///< absent: nobody leads now
};

/// Candidates lead in the order in which they came; leadership ends by `resign` or with the
/// session. A session is one candidate, whatever the number of its handles.
///
/// A leader that is cut off may believe in its leadership for a while: ask `is_leader` before what
/// must not be done twice, or pass the epoch on as a fencing token.
///
/// Copies are the same handle. Thread-safe. A candidacy goes on when the handle is gone.
class election : public handle {
 public:
  static constexpr std::string_view type_name = "election";

  election(const std::shared_ptr<invoker>& session, const std::string& name);

  /// Enters as `candidate`, whatever others should know: a name, an address. Ready once entered;
  /// `elected` is called on the session's thread with the epoch if, and when, it is elected.
  /// Epochs are larger than all before, even if the election was deleted meanwhile.
  /// Errors: failed_precondition – this session is a candidate already.
  [[nodiscard]] future<void> run(
      std::string candidate, std::function<void(index_t epoch)> elected) const;
  /// Ends the candidacy, and the leadership; false if there was none.
  [[nodiscard]] future<bool> resign() const;

  /// A copy whose queries ask for `level` unless the call says otherwise. It shares its candidacy
  /// with this one. (`is_leader` is always atomic.)
  [[nodiscard]] election with(consistency level) const { return asking(*this, level); }

  /// Whether `epoch` is that of the present leader: true at some moment of the call.
  [[nodiscard]] future<bool> is_leader(index_t epoch) const;
  [[nodiscard]] future<std::optional<election_leader>> leader(freshness level = {}) const;
  /// The leader and those who wait, in order.
  [[nodiscard]] future<std::vector<election_candidate>> candidates(freshness level = {}) const;

  /// Calls `listener` on the session's thread after each change of the leader.
  [[nodiscard]] subscription on_change(std::function<void(const election_change&)> listener) const;
  /// Calls `listener` on the session's thread if the session expires while it leads by this handle
  /// or a copy: the client notices earlier than the cluster, nobody else leads yet. Or if somebody
  /// deletes the election while it is a candidate: without an epoch if it did not lead yet. The
  /// candidacy is over: `run` again. If that happened before to the last candidacy and nobody was
  /// told, `listener` is called at once, here.
  [[nodiscard]] listening on_lost(std::function<void(index_t epoch)> listener) const;

 private:
  struct candidacy;
  std::shared_ptr<candidacy> candidacy_;
};

}  // namespace atomix
