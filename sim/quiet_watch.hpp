// SPDX-License-Identifier: Apache-2.0
/// \file What must go well by itself while nothing hinders anybody: calls are answered at once,
/// what is due happens, sessions live. Elsewhere a fault may always be the reason why not, and
/// repetitions hide what got lost without one.
#pragma once

#include "sim/objection.hpp"
#include "sim/quiet_time.hpp"
#include "sim/reference.hpp"
#include "sim/time.hpp"
#include "sim/witness.hpp"

#include <map>
#include <vector>

namespace atomix::sim {

/// Part of the witness. References outlive it.
class quiet_watch {
 public:
  quiet_watch(const history& book, const quiet_time& quiet) : book_(book), quiet_(quiet) {}

  /// `last` has been applied, and nothing else was committed before `next`.
  void follow(const committed_entry& last, sim_time next, const reference& replayed);
  /// Ensures: one of each kind at most.
  [[nodiscard]] std::vector<objection> take_objections(
      const std::map<session_id, reference_session>& sessions);

 private:
  void check_calls();
  void check_closings(const std::map<session_id, reference_session>& sessions);
  [[nodiscard]] bool may_expire(sim_duration timeout, sim_time at) const;
  void check_sessions(const std::map<session_id, reference_session>& sessions);

  const history& book_;
  quiet_time quiet_;
  std::vector<objection> found_;
};

}  // namespace atomix::sim
