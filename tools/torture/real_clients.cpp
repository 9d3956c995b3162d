// SPDX-License-Identifier: Apache-2.0
#include "tools/torture/real_clients.hpp"

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <utility>

namespace atomix::tools {
namespace {

constexpr std::uint64_t session_timeout_ms = 5'000;
/// How exactly planned calls are on time.
constexpr std::chrono::milliseconds beat{2};

std::vector<std::string> names_of(std::size_t clients) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < clients; ++i)
    names.push_back(absl::StrCat("c", i + 1));
  return names;
}

}  // namespace

real_clients::real_clients(
    std::vector<net::address> servers,
    std::size_t clients,
    const std::vector<sim::planned_call>& calls,
    clock::time_point zero)
    : zero_(zero),
      servers_(std::move(servers)),
      names_(names_of(clients)),
      world_(0),
      book_([this] { return now(); }, names_),
      runtime_(std::make_unique<actors::runtime>(actors::disk_use::none, nullptr)) {
  for (std::size_t i = 0; i < servers_.size(); ++i)
    recorder_.add_lane(absl::StrCat("n", i + 1), true);
  for (const std::string& name : names_) {
    recorder_.add_lane(name, false);
    processes_.push_back(world_.add_process(name));
  }
  world_.record(&recorder_);
  workload_ = std::make_unique<sim::workload>(world_, *this, findings_, book_, calls);
}

real_clients::~real_clients() {
  end();
}

sim::sim_time real_clients::now() const {
  const auto passed = std::chrono::duration_cast<std::chrono::nanoseconds>(clock::now() - zero_);
  return static_cast<sim::sim_time>(passed.count());
}

void real_clients::on_thread(const std::function<void()>& task) {
  runtime_->call([&](caf::actor_system&, const actors::world&) { task(); });
}

void real_clients::start() {
  on_thread([this] {
    world_.run_until(now());
    workload_->start(*subject_, sim::catalog_topic().programs.size());
  });
  pump_ = std::thread{[this] {
    pump();
  }};
}

void real_clients::pump() {
  auto last = clock::now();
  while (!ending_) {
    std::this_thread::sleep_for(beat);
    on_thread([this] { carry_on(); });
    const auto present = clock::now();
    const auto lag = std::chrono::duration_cast<std::chrono::milliseconds>(present - last);
    stall_ms_ = std::max<std::int64_t>(stall_ms_, lag.count());
    last = present;
  }
}

void real_clients::carry_on() {
  if (!clocks_trusted()) workload_->trust_clocks(false);
  world_.run_until(now());
}

void real_clients::stop() {
  on_thread([this] { workload_->stop(); });
}

void real_clients::check_outcome() {
  on_thread([this] { workload_->check_outcome(); });
}

bool real_clients::at_rest() {
  bool rest = false;
  on_thread([&] { rest = workload_->at_rest(); });
  return rest;
}

std::string real_clients::not_at_rest() {
  std::string who;
  on_thread([&] { who = workload_->not_at_rest(); });
  return who;
}

bool real_clients::found_something() {
  bool found = false;
  on_thread([&] { found = !findings_.empty(); });
  return found;
}

// Calls that are under way hear that they come to nothing when their actors end, while the
// programs that made them are still there.
void real_clients::end() {
  if (runtime_ == nullptr) return;
  ending_ = true;
  if (pump_.joinable()) pump_.join();
  on_thread([this] {
    book_.close();
    found_ = findings_.all();
  });
  runtime_.reset();
}

void real_clients::write_down(sim::run_record& record) {
  world_.record(nullptr);
  recorder_.fill(record);
}

std::shared_ptr<actors::session> real_clients::open_session(std::size_t client) {
  actors::session_options options;
  options.servers = servers_;
  // Each begins with another one.
  std::rotate(
      options.servers.begin(),
      options.servers.begin() + static_cast<std::ptrdiff_t>(client % servers_.size()),
      options.servers.end());
  options.timeout_ms = session_timeout_ms;
  std::shared_ptr<actors::session> opened;
  runtime_->call([&](caf::actor_system& system, const actors::world& outside) {
    opened = actors::start_session(system, outside, options);
  });
  return opened;
}

}  // namespace atomix::tools
