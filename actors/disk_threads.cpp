// SPDX-License-Identifier: Apache-2.0
#include "actors/disk_threads.hpp"

#include <asio/post.hpp>

#include <utility>

namespace atomix::actors {

disk_threads::disk_threads(asio::io_context& loop) : loop_(loop) {
  for (auto& lane : lanes_) {
    lane.thread = std::thread{[this, &lane] {
      serve(lane);
    }};
  }
}

disk_threads::~disk_threads() {
  stop();
}

void disk_threads::stop() {
  for (auto& lane : lanes_) {
    {
      const std::lock_guard lock{lane.mutex};
      lane.stopping = true;
    }
    lane.wake.notify_one();
  }
  for (auto& lane : lanes_)
    if (lane.thread.joinable()) lane.thread.join();
  // Jobs hold handles of actors, which are to go first.
  for (auto& lane : lanes_)
    lane.jobs.clear();
}

void disk_threads::run(disk_lane lane, std::function<void()> work, std::function<void()> done) {
  auto& at = lanes_[static_cast<std::size_t>(lane)];
  {
    const std::lock_guard lock{at.mutex};
    if (at.stopping) return;
    if (lane == disk_lane::log) ++urgent_jobs_;
    at.jobs.push_back({std::move(work), std::move(done)});
  }
  at.wake.notify_one();
}

std::optional<disk_threads::job> disk_threads::take(lane_thread& lane) {
  std::unique_lock lock{lane.mutex};
  lane.wake.wait(lock, [&] { return lane.stopping || !lane.jobs.empty(); });
  if (lane.stopping) return std::nullopt;
  job next = std::move(lane.jobs.front());
  lane.jobs.pop_front();
  return next;
}

void disk_threads::serve(lane_thread& lane) {
  while (auto next = take(lane)) {
    next->work();
    asio::post(loop_, std::move(next->done));
    if (&lane == &lanes_[static_cast<std::size_t>(disk_lane::log)]) --urgent_jobs_;
  }
}

}  // namespace atomix::actors
