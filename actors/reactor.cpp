// SPDX-License-Identifier: Apache-2.0
#include "actors/reactor.hpp"

#include "actors/caf_logger.hpp"

#include <caf/all.hpp>

#include <asio/executor_work_guard.hpp>
#include <asio/post.hpp>

#include <chrono>
#include <ctime>
#include <utility>

namespace atomix::actors {
namespace {

// An actor gives way after this many messages; a turn goes back to the sockets after this many
// actors, so that neither starves the other.
constexpr std::size_t messages_per_actor = 64;
constexpr int actors_per_turn = 4096;
constexpr std::chrono::milliseconds longest_sleep{1000};
constexpr std::chrono::microseconds longest_poll{100};

// CAF's default handlers print through an actor that the stock schedulers detach into a thread.
class silent_printer final : public caf::monitorable_actor {
 public:
  explicit silent_printer(caf::actor_config& config) : caf::monitorable_actor(config) {}
  void enqueue(caf::mailbox_element_ptr, caf::execution_unit*) override {}
};

}  // namespace

reactor_clock::time_point reactor_clock::now() const noexcept {
  timespec t{};
  clock_gettime(CLOCK_BOOTTIME, &t);
  return time_point{std::chrono::seconds{t.tv_sec} + std::chrono::nanoseconds{t.tv_nsec}};
}

reactor::reactor(caf::actor_system& system, asio::io_context& loop)
    : caf::scheduler::abstract_coordinator(system),
      loop_(loop),
      unit_(*this),
      thread_(std::this_thread::get_id()) {}

void reactor::start() {
  caf::actor_config config{&unit_};
  utility_actors_[printer_id] = caf::make_actor<silent_printer, caf::actor>(
      system().next_actor_id(), system().node(), &system(), config);
}

void reactor::stop() {
  clock_.cancel_all();
  take_foreign();
  while (!runnable_.empty()) {
    auto* what = runnable_.front();
    runnable_.pop_front();
    cleanup_and_release(what);
    take_foreign();
  }
}

void reactor::enqueue(caf::resumable* what) {
  if (std::this_thread::get_id() == thread_) {
    runnable_.push_back(what);
    return;
  }
  {
    const std::lock_guard lock{mutex_};
    foreign_.push_back(what);
  }
  if (!awake_.exchange(true)) asio::post(loop_, [] {});
}

void reactor::take_foreign() {
  const std::lock_guard lock{mutex_};
  runnable_.insert(runnable_.end(), foreign_.begin(), foreign_.end());
  foreign_.clear();
}

bool reactor::run_actors() {
  take_foreign();
  for (int i = 0; i < actors_per_turn && !runnable_.empty(); ++i) {
    auto* what = runnable_.front();
    runnable_.pop_front();
    forget_caf_logger();
    switch (what->resume(&unit_, messages_per_actor)) {
      case caf::resumable::resume_later:
        runnable_.push_back(what);
        break;
      case caf::resumable::done:
      case caf::resumable::awaiting_message:
        caf::intrusive_ptr_release(what);
        break;
      case caf::resumable::shutdown_execution_unit:
        break;
    }
  }
  return !runnable_.empty();
}

// Gives the processor to whoever wants it between two looks, and gives up once falling asleep costs
// less than looking: a slow disk must not cost a processor.
bool reactor::poll_for_jobs() {
  if (jobs_ == nullptr || jobs_->load(std::memory_order_relaxed) == 0) return false;
  const auto until = clock_.now() + longest_poll;
  while (jobs_->load(std::memory_order_relaxed) != 0 && clock_.now() < until) {
    if (loop_.poll() != 0) return true;
    std::this_thread::yield();
  }
  return loop_.poll() != 0;
}

void reactor::sleep() {
  auto pause = std::chrono::duration_cast<std::chrono::nanoseconds>(longest_sleep);
  if (!clock_.empty()) {
    const auto due = clock_.next_due() - clock_.now();
    pause = std::min(pause, std::chrono::duration_cast<std::chrono::nanoseconds>(due));
  }
  awake_ = false;
  {
    const std::lock_guard lock{mutex_};
    if (!foreign_.empty()) pause = {};
  }
  if (pause.count() > 0) loop_.run_one_for(pause);
  awake_ = true;
}

void reactor::run() {
  thread_ = std::this_thread::get_id();
  const auto work = asio::make_work_guard(loop_);
  while (!stopping_) {
    loop_.poll();
    const bool more = run_actors();
    clock_.trigger_expired_timeouts();
    if (!more && runnable_.empty() && loop_.poll() == 0 && !poll_for_jobs()) sleep();
  }
}

void reactor::drain() {
  thread_ = std::this_thread::get_id();
  for (int i = 0; i < 1000; ++i) {
    const auto handled = loop_.poll();
    const bool more = run_actors();
    if (handled == 0 && !more && runnable_.empty()) return;
  }
}

void reactor::request_stop() {
  // Whoever sees it stopped may take it away: nothing of it is touched after that.
  asio::post(loop_, [this] { stopping_ = true; });
}

}  // namespace atomix::actors
