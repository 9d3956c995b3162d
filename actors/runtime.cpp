// SPDX-License-Identifier: Apache-2.0
#include "actors/runtime.hpp"

#include "actors/disk_threads.hpp"
#include "actors/reactor.hpp"

#include "net/tcp.hpp"

#include "raft/storage/posix_file_system.hpp"

#include <caf/all.hpp>

#include <asio/post.hpp>

#include <random>
#include <thread>
#include <utility>
#include <vector>

namespace atomix::actors {

struct runtime::parts {
  asio::io_context loop{1};
  std::unique_ptr<net::transport> network;
  std::unique_ptr<raft::file_system> files;
  std::unique_ptr<disk_threads> disk;
  caf::actor_system_config config;
  std::unique_ptr<caf::actor_system> system;
  reactor* scheduler = nullptr;
  world outside;
  std::vector<std::shared_ptr<void>> kept;
  std::promise<void> ready;
  std::thread thread;

  void live();
};

namespace {

// The one seed of a process comes from the operating system and is logged, so that a run's draws
// can be told later.
std::uint64_t seed_of_process() {
  std::random_device device;
  return (std::uint64_t{device()} << 32U) | device();
}

}  // namespace

runtime::runtime(disk_use disk, log_sink log) : parts_(std::make_unique<parts>()) {
  auto& p = *parts_;
  p.network = net::make_tcp_transport(p.loop);
  if (disk == disk_use::posix) {
    p.files = raft::posix_file_system();
    p.disk = std::make_unique<disk_threads>(p.loop);
  }
  p.outside.network = p.network.get();
  p.outside.files = p.files.get();
  p.outside.disk = p.disk.get();
  p.outside.seed = seed_of_process();
  p.outside.log = std::move(log);
  // CAF's group manager looks at the policy to see that it must not block.
  p.config.set("scheduler.policy", caf::atom("testing"));
  p.config.module_factories.push_back([&p](caf::actor_system& s) -> caf::actor_system::module* {
    return p.scheduler = new reactor(s, p.loop);
  });
  p.thread = std::thread{[&p] {
    p.live();
  }};
  p.ready.get_future().wait();
}

// A thread that made an actor system keeps a reference to its logger, and the system's end waits
// for that. So one thread, ours, makes and ends it, whoever starts and stops the runtime.
void runtime::parts::live() {
  system = std::make_unique<caf::actor_system>(config);
  system->await_actors_before_shutdown(false);
  if (disk) scheduler->poll_while(disk->urgent_jobs());
  ready.set_value();
  scheduler->run();
  if (disk) disk->stop();  // no completion comes after this
  scheduler->drain();      // lets exits that were asked for take effect
  scheduler->stop();       // the rest ends while there is a network to take leave of
  network.reset();
  kept.clear();
  system.reset();
}

runtime::~runtime() {
  parts_->scheduler->request_stop();
  parts_->thread.join();
}

void runtime::call(const std::function<void(caf::actor_system&, const world&)>& task) {
  if (is_here()) return task(*parts_->system, parts_->outside);
  // Shared: the waiter may be gone before `set_value` has returned.
  const auto done = std::make_shared<std::promise<void>>();
  asio::post(parts_->loop, [&, done] {
    task(*parts_->system, parts_->outside);
    done->set_value();
  });
  done->get_future().wait();
}

bool runtime::is_here() const {
  return parts_->thread.get_id() == std::this_thread::get_id();
}

void runtime::keep(std::shared_ptr<void> thing) {
  parts_->kept.push_back(std::move(thing));
}

}  // namespace atomix::actors
