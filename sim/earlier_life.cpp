// SPDX-License-Identifier: Apache-2.0
#include "sim/earlier_life.hpp"

#include "raft/base/check.hpp"

#include <utility>

namespace atomix::sim {
namespace {

/// Of 1 to `bits` bits, each number of them as often as any other.
std::uint64_t of_any_length(prng& chance, std::uint64_t bits) {
  const std::uint64_t length = chance.between(1, bits);
  return (chance.next() | (1ULL << 63U)) >> (64 - length);
}

}  // namespace

earlier_life earlier_life::draw(prng chance) {
  if (!chance.chance(1, 4)) return {};
  const std::uint64_t term = of_any_length(chance, 47);
  return {term, of_any_length(chance, 41)};
}

void earlier_life::leave_on(disk& media, const raft::log_options& log) const {
  if (term == 0) return;
  raft::opened_log nothing;
  const auto opened = raft::log::open(media, log, nothing);
  ATOMIX_CHECK(opened.ok(), "a log can be set up on a new disk");
  raft::save_batch batch;
  batch.state_changed = true;
  batch.state.term = term_t{term};
  raft::entry last;
  last.id = {batch.state.term, index_t{1}};
  last.kind = raft::entry_kind::term_start;
  last.time = log_time{time_ms};
  batch.entries.push_back(std::move(last));
  ATOMIX_CHECK((*opened)->append({batch}).ok(), "a new disk can be written to");
  media.complete_syncs();
}

}  // namespace atomix::sim
