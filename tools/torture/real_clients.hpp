// SPDX-License-Identifier: Apache-2.0
/// \file The simulator's workload with real sessions: the same programs, run by the calendar of a
/// world whose time is the real one.
#pragma once

#include "actors/runtime.hpp"
#include "sim/client_machines.hpp"
#include "sim/findings.hpp"
#include "sim/history.hpp"
#include "sim/recorder.hpp"
#include "sim/report/record.hpp"
#include "sim/scenario.hpp"
#include "sim/subject.hpp"
#include "sim/workload.hpp"
#include "sim/world.hpp"

#include "net/address.hpp"

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace atomix::tools {

/// All sessions live on one thread, and the world is carried on there. The functions may be called
/// from any other thread.
class real_clients final : public sim::client_machines {
 public:
  using clock = std::chrono::steady_clock;

  /// `zero` is the start of the run. References are kept.
  real_clients(
      std::vector<net::address> servers,
      std::size_t clients,
      const std::vector<sim::planned_call>& calls,
      clock::time_point zero);
  ~real_clients() override;

  void start();
  /// No new operations; `at_rest` once all have ended.
  void stop();
  /// Last reads; `at_rest` again once they have succeeded.
  void check_outcome();
  [[nodiscard]] bool at_rest();
  [[nodiscard]] std::string not_at_rest();
  [[nodiscard]] bool found_something();
  /// Nothing is written down any more, and the sessions are gone. After that `book`, `found` and
  /// `counts` may be read.
  void end();

  [[nodiscard]] const sim::history& book() const { return book_; }
  [[nodiscard]] const std::vector<sim::violation>& found() const { return found_; }
  [[nodiscard]] const sim::workload_counts& counts() const { return workload_->counts(); }
  /// Lanes, and what clients were told of their sessions. Once.
  void write_down(sim::run_record& record);
  /// The longest time in which this process did nothing, though it wanted to.
  [[nodiscard]] std::chrono::milliseconds longest_stall() const {
    return std::chrono::milliseconds{stall_ms_.load()};
  }
  /// After a stall that long, clients may have believed in sessions that were over.
  [[nodiscard]] bool clocks_trusted() const { return longest_stall() < stall_max; }

  [[nodiscard]] std::size_t clients() const override { return names_.size(); }
  [[nodiscard]] std::shared_ptr<actors::session> open_session(std::size_t client) override;
  [[nodiscard]] sim::process_id process_of_client(std::size_t client) const override {
    return processes_[client];
  }
  [[nodiscard]] const std::string& name_of_client(std::size_t client) const override {
    return names_[client];
  }
  /// Each session that changes and call that ends, as a line; before `start`.
  void read_trace(std::function<void(const std::string&)> reader) {
    world_.read_trace(std::move(reader));
  }

 private:
  static constexpr std::chrono::milliseconds stall_max{500};

  [[nodiscard]] sim::sim_time now() const;
  void carry_on();
  void pump();
  void on_thread(const std::function<void()>& task);

  const clock::time_point zero_;
  const std::vector<net::address> servers_;
  std::vector<std::string> names_;
  std::vector<sim::process_id> processes_;
  sim::world world_;
  sim::recorder recorder_{world_, {}};
  sim::findings findings_{world_};
  std::unique_ptr<sim::subject> subject_ = sim::catalog_topic().begin(findings_);
  sim::history book_;
  std::vector<sim::violation> found_;  // before the end
  std::unique_ptr<actors::runtime> runtime_;
  std::unique_ptr<sim::workload> workload_;
  std::atomic<bool> ending_{false};
  std::atomic<std::int64_t> stall_ms_{0};
  std::thread pump_;
};

}  // namespace atomix::tools
