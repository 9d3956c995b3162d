// SPDX-License-Identifier: Apache-2.0
/// \file The disk worker of the real world: one thread per lane, completions posted to the loop.
#pragma once

#include "actors/world.hpp"

#include <asio/io_context.hpp>

#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <thread>

namespace atomix::actors {

class disk_threads final : public disk_worker {
 public:
  explicit disk_threads(asio::io_context& loop);
  ~disk_threads() override;
  /// Finishes the jobs at hand; what waits behind them is dropped, and so is what still comes.
  void stop();
  void run(disk_lane lane, std::function<void()> work, std::function<void()> done) override;
  /// Jobs of the log lane that are not done yet.
  [[nodiscard]] const std::atomic<int>& urgent_jobs() const { return urgent_jobs_; }

 private:
  struct job {
    std::function<void()> work;
    std::function<void()> done;
  };
  struct lane_thread {
    std::mutex mutex;
    std::condition_variable wake;
    std::deque<job> jobs;
    bool stopping = false;
    std::thread thread;
  };
  /// Waits for one; none once the lane is to stop.
  static std::optional<job> take(lane_thread& lane);
  void serve(lane_thread& lane);

  asio::io_context& loop_;
  lane_thread lanes_[2];
  std::atomic<int> urgent_jobs_{0};
};

}  // namespace atomix::actors
