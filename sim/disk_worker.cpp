// SPDX-License-Identifier: Apache-2.0
#include "sim/disk_worker.hpp"

#include "sim/links.hpp"
#include "sim/recorder.hpp"

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <utility>

namespace atomix::sim {
namespace {

constexpr sim_duration longest_latency = 5 * second;

}  // namespace

disk_worker::disk_worker(world& w, process_id owner, disk& d, const disk_manner& manner)
    : world_(w),
      owner_(owner),
      disk_(d),
      manner_(manner),
      chance_(w.chance_of_life(owner, "disk")) {}

disk_worker::~disk_worker() {
  *alive_ = false;
}

void disk_worker::run(
    actors::disk_lane lane, std::function<void()> work, std::function<void()> done) {
  state_of(lane).waiting.push_back({std::move(work), std::move(done)});
  if (!state_of(lane).busy) start_next(lane);
}

void disk_worker::start_next(actors::disk_lane lane) {
  lane_state& state = state_of(lane);
  if (state.waiting.empty()) return;
  state.busy = true;
  job next = std::move(state.waiting.front());
  state.waiting.pop_front();
  const disk_counts before = disk_.counts();
  world_.run_for(owner_, next.work);
  const sim_duration latency = draw_latency(lane);
  tell_work(before, latency);
  // The device works on while the process is paused; only a power cut, or the end of the process,
  // stops it.
  world_.after(
      latency, process_id{}, [this, lane, alive = alive_, done = std::move(next.done)]() mutable {
        if (*alive) finish(lane, std::move(done));
      });
}

// For the record of the run, if there is one.
void disk_worker::tell_work(const disk_counts& before, sim_duration latency) const {
  recorder* const record = world_.recording();
  if (record == nullptr) return;
  const disk_counts& now = disk_.counts();
  const std::uint64_t writes = now.writes - before.writes;
  const std::uint64_t syncs = now.syncs - before.syncs;
  const bool failed =
      now.failed_writes != before.failed_writes || now.failed_syncs != before.failed_syncs;
  if (writes + syncs == 0 && !failed) return;
  record->disk_worked(
      world_.name_of(owner_),
      {0,
       world_.now(),
       world_.now() + latency,
       failed      ? "failed"
       : syncs > 0 ? "sync"
                   : "write",
       absl::StrCat(now.bytes - before.bytes, " bytes in ", writes, " writes, ", syncs, " syncs")});
}

void disk_worker::finish(actors::disk_lane lane, std::function<void()> done) {
  world_.note(trace_kind::disk, owner_, static_cast<std::uint64_t>(lane), [&] {
    return std::string{lane == actors::disk_lane::log ? "a log job" : "a background job"} + " ends";
  });
  if (!manner_.lies) disk_.complete_syncs();
  world_.after(0, owner_, [this, lane, done = std::move(done)] {
    state_of(lane).busy = false;
    done();
    if (!state_of(lane).busy) start_next(lane);
  });
}

sim_duration disk_worker::draw_latency(actors::disk_lane lane) {
  sim_duration latency = 50 * microsecond + draw_exponential(chance_, 100 * microsecond);
  if (chance_.chance(1, 300)) latency += 20 * millisecond;
  if (lane == actors::disk_lane::background) latency *= 4;
  // However slow it is, what was begun ends: before anybody judges the calm after the faults.
  return std::min(latency * manner_.slower, longest_latency);
}

}  // namespace atomix::sim
