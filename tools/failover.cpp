// SPDX-License-Identifier: Apache-2.0
#include "tools/failover.hpp"

#include "resources/counter/counter.hpp"

#include "raft/base/prng.hpp"

#include <absl/strings/str_cat.h>

#include <csignal>
#include <optional>
#include <thread>

#include "tools/quantities.hpp"

namespace atomix::tools {
namespace {

using steady = std::chrono::steady_clock;
using std::chrono::milliseconds;
using microseconds = std::chrono::microseconds;

constexpr milliseconds patience{30'000};

absl::Status write(const counter& c) {
  const auto sum = c.increment_and_get().get_for(patience);
  return sum ? sum->status() : absl::DeadlineExceededError("A write was not answered in 30 s.");
}

absl::StatusOr<microseconds> measure_one(
    local_cluster& cluster, int signal, const counter& c, prng& chance) {
  const absl::StatusOr<std::size_t> leader = cluster.wait_until_in_sync(patience);
  if (!leader.ok()) return leader.status();
  for (int i = 0; i < 20; ++i)
    if (absl::Status written = write(c); !written.ok()) return written;
  // Any moment between two signs of life of the leader is as likely as any other.
  std::this_thread::sleep_for(microseconds{chance.below(100'000)});
  const auto signalled = steady::now();
  cluster.signal(*leader, signal);
  const absl::Status written = write(c);
  const auto back = steady::now();
  if (signal == SIGSTOP) cluster.signal(*leader, SIGCONT);
  if (!written.ok()) return written;
  if (signal == SIGKILL)
    if (absl::Status restarted = cluster.restart(*leader); !restarted.ok()) return restarted;
  return std::chrono::duration_cast<microseconds>(back - signalled);
}

}  // namespace

absl::StatusOr<std::vector<microseconds>> measure_failover(
    local_cluster& cluster, int signal, std::size_t trials) {
  if (const auto leader = cluster.wait_until_in_sync(patience); !leader.ok())
    return leader.status();
  client_options options;
  options.servers = split_list(cluster.servers());
  options.session_timeout = milliseconds{60'000};
  const absl::StatusOr<client> c = client::connect(options);
  if (!c.ok()) return c.status();
  const auto number = c->get<counter>("failover");
  prng chance{static_cast<std::uint64_t>(signal)};
  std::vector<microseconds> durations;
  for (std::size_t i = 0; i < trials; ++i) {
    const absl::StatusOr<microseconds> one = measure_one(cluster, signal, number, chance);
    if (!one.ok()) {
      return absl::Status(
          one.status().code(),
          absl::StrCat("Trial ", i + 1, ": ", std::string(one.status().message())));
    }
    durations.push_back(*one);
  }
  return durations;
}

}  // namespace atomix::tools
