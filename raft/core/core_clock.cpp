// SPDX-License-Identifier: Apache-2.0
// What happens because time passes: elections, heartbeats, check-quorum, log time.
#include "raft/base/check.hpp"
#include "raft/base/probe.hpp"
#include "raft/core/state.hpp"

#include <algorithm>
#include <limits>

namespace atomix::raft {
namespace {

/// Of the ticks until one that acts, those before it.
std::uint64_t before(std::uint64_t acting) {
  return acting == 0 ? 0 : acting - 1;
}

}  // namespace

void core::state::on(const tick& in) {
  ATOMIX_CHECK(in.count > 0 && in.count - 1 <= quiet_ticks(), "no tick that acts is jumped over");
  now_ms = std::max(in.now_ms, now_ms.value_or(0));
  auto* l = leading();
  if (l == nullptr) {
    election_elapsed += in.count;
    if (election_elapsed >= election_timeout && votes()) start_pre_vote();
    return;
  }
  if (!l->clock_start) l->clock_start = now_ms;
  l->ticks += in.count;
  check_quorum();
  l = leading();
  if (l == nullptr) return;
  l->heartbeat_elapsed += in.count;
  if (l->heartbeat_elapsed >= options.heartbeat_ticks) beat();
  // Whoever waits for log time in an idle cluster would wait forever. The deadline stays in mind:
  // if this entry is lost with our leadership, whoever leads then asks the same question.
  if (time_is_wanted() && leader_now() >= wanted) {
    sometimes(probe::time_written_when_idle);
    append_own(entry_kind::time, {});
    replicate_to_all();
  }
}

/// A lower bound is enough: who is asked too early is asked again.
std::uint64_t core::state::quiet_ticks() const {
  const auto* l = leading();
  if (l == nullptr) {
    if (!votes()) return std::numeric_limits<std::uint64_t>::max();
    return election_elapsed < election_timeout ? before(election_timeout - election_elapsed) : 0;
  }
  // A new configuration may have left us without a quorum between two ticks.
  if (!l->clock_start || !hears_quorum()) return 0;
  std::uint64_t quiet = before(options.heartbeat_ticks - l->heartbeat_elapsed);
  for (const auto& [id, p] : l->peers) {
    const std::uint64_t silent = l->ticks - p.heard_tick;
    if (silent < options.election_ticks)
      quiet = std::min(quiet, before(options.election_ticks - silent));
  }
  if (time_is_wanted()) {
    const log_time now = leader_now();
    const std::uint64_t wait = now < wanted ? wanted.value() - now.value() : 0;
    quiet = std::min(quiet, before(wait / options.tick_ms + (wait % options.tick_ms != 0 ? 1 : 0)));
  }
  return quiet;
}

bool core::state::time_is_wanted() const {
  return !wanted.is_none() && log.last_time() < wanted;
}

log_time core::state::leader_now() const {
  const auto& l = *leading();
  if (!l.clock_start || !now_ms) return l.clock_base;
  return later(l.clock_base, *now_ms - *l.clock_start);
}

}  // namespace atomix::raft
