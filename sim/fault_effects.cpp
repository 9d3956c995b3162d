// SPDX-License-Identifier: Apache-2.0
// Whether what a fault did made a difference: faults that never matter prove nothing.
#include "sim/fault_player.hpp"

#include <algorithm>
#include <utility>

namespace atomix::sim {
namespace {

std::uint64_t sum_of(links& paths, const host_pairs& pairs, std::uint64_t link_counts::*what) {
  std::uint64_t sum = 0;
  for (const auto& [from, to] : pairs)
    sum += paths.counts(from, to).*what;
  return sum;
}

}  // namespace

/// What it did is asked for when the fault ends, or else when the run does.
std::size_t fault_player::took_effect(fault_kind kind, question mattered) {
  ++fired_[kind];
  effects_.emplace_back(kind, std::move(mattered));
  return effects_.size() - 1;
}

bool fault_player::ask(std::size_t effect) {
  auto& [kind, mattered] = effects_[effect];
  if (!mattered || !mattered()) return false;
  ++mattered_[kind];
  mattered = nullptr;
  return true;
}

void fault_player::close(std::size_t effect) {
  ask(effect);
  effects_[effect].second = nullptr;
}

const std::map<fault_kind, std::uint64_t>& fault_player::mattered() {
  for (std::size_t i = 0; i < effects_.size(); ++i)
    close(i);
  return mattered_;
}

/// Whether that cost the cluster its leader, or the replica what was under way to its disk.
bool fault_player::end_replica(std::size_t replica, ending how) {
  const bool led = cluster_.leader() == replica;
  const disk_counts before = cluster_.disk_of(replica).counts();
  cluster_.end(replica, how);
  const disk_counts& after = cluster_.disk_of(replica).counts();
  return led || after.cut_off != before.cut_off || after.pages_lost != before.pages_lost
         || after.pages_torn != before.pages_torn;
}

fault_player::question fault_player::once_sent(
    const host_pairs& pairs, std::uint64_t link_counts::*what) {
  links& paths = network_.paths();
  return [&paths, pairs, what, before = sum_of(paths, pairs, what)] {
    return sum_of(paths, pairs, what) != before;
  };
}

fault_player::question fault_player::once_more(
    std::size_t replica, std::uint64_t disk_counts::*what) {
  const disk_counts& counts = cluster_.disk_of(replica).counts();
  return [&counts, what, before = counts.*what] {
    return counts.*what != before;
  };
}

fault_player::question fault_player::once_worked(const std::vector<std::size_t>& replicas) {
  std::vector<question> each;
  for (const std::size_t replica : replicas) {
    each.push_back(once_more(replica, &disk_counts::writes));
    each.push_back(once_more(replica, &disk_counts::syncs));
  }
  return [each = std::move(each)] {
    return std::any_of(each.begin(), each.end(), [](const question& one) { return one(); });
  };
}

}  // namespace atomix::sim
