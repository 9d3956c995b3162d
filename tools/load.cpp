// SPDX-License-Identifier: Apache-2.0
#include "tools/load.hpp"

#include "resources/map/map.hpp"

#include "raft/base/prng.hpp"

#include <absl/strings/numbers.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/str_format.h>
#include <absl/strings/str_split.h>
#include <unistd.h>

#include <atomic>
#include <deque>
#include <fstream>
#include <memory>
#include <thread>

namespace atomix::tools {
namespace {

using steady = std::chrono::steady_clock;
using table = map<>;

constexpr const char* table_name = "bench";
// A session that only fails is not hammered for ever.
constexpr std::uint64_t failures_in_a_row_max = 1000;

std::string key_of(std::uint64_t number) {
  return absl::StrFormat("k%08d", number);
}

struct schedule {
  steady::time_point begin;  // of what counts
  steady::time_point end;
};

// One session's share of the load. After `start`, only its session's thread touches it, until
// `done`.
class lane : public std::enable_shared_from_this<lane> {
 public:
  lane(const client& c, const load_options& options, schedule when, std::uint64_t seed)
      : table_(c.get<table>(table_name)),
        options_(options),
        when_(when),
        random_(seed),
        value_(options.value_bytes, 'v') {}

  void start(std::size_t outstanding) {
    wanted_ = outstanding;
    // The first answer brings the loop to the session's thread.
    table_.get(key_of(0), consistency::local).then([self = shared_from_this()](const auto&) {
      self->fill_up();
    });
  }
  [[nodiscard]] bool done() const { return done_; }
  [[nodiscard]] const histogram& latencies() const { return latencies_; }
  [[nodiscard]] std::uint64_t errors() const { return errors_; }

 private:
  // Not re-entered by calls that complete at once: the loop below sees to their successors.
  void fill_up() {
    if (filling_) return;
    filling_ = true;
    while (outstanding_ < wanted_ && !ending_) {
      if (steady::now() >= when_.end || failures_in_a_row_ > failures_in_a_row_max) {
        ending_ = true;
      } else {
        begin_one();
      }
    }
    filling_ = false;
    if (ending_ && outstanding_ == 0) done_ = true;
  }

  void begin_one() {
    ++outstanding_;
    const std::uint64_t chance = random_.below(2 * options_.keys);
    const std::string key = key_of(chance / 2);
    const bool write =
        options_.kind == load_kind::write || (options_.kind == load_kind::mixed && chance % 2 == 0);
    const auto completed = [self = shared_from_this(),
                            started = steady::now()](const auto& result) {
      self->complete(started, result.ok());
    };
    if (write) {
      table_.set(key, value_).then(completed);
    } else {
      table_.get(key).then(completed);
    }
  }

  void complete(steady::time_point started, bool ok) {
    const auto now = steady::now();
    --outstanding_;
    failures_in_a_row_ = ok ? 0 : failures_in_a_row_ + 1;
    if (now >= when_.begin && now < when_.end) {
      if (ok) {
        latencies_.add(static_cast<std::uint64_t>((now - started) / std::chrono::nanoseconds{1}));
      } else {
        ++errors_;
      }
    }
    fill_up();
  }

  const table table_;
  const load_options options_;
  const schedule when_;
  prng random_;
  const std::string value_;
  std::size_t wanted_ = 0;
  std::size_t outstanding_ = 0;
  std::uint64_t failures_in_a_row_ = 0;
  bool filling_ = false;
  bool ending_ = false;
  histogram latencies_;
  std::uint64_t errors_ = 0;
  std::atomic<bool> done_{false};
};

// Writes every key once, so that reads find something.
absl::Status fill(const client& c, const load_options& options) {
  const auto t = c.get<table>(table_name);
  const std::string value(options.value_bytes, 'v');
  std::deque<future<void>> pending;
  absl::Status all;
  const auto take_oldest = [&] {
    all.Update(pending.front().get());
    pending.pop_front();
  };
  for (std::uint64_t i = 0; i < options.keys && all.ok(); ++i) {
    pending.push_back(t.set(key_of(i), value));
    if (pending.size() >= 256) take_oldest();
  }
  while (!pending.empty())
    take_oldest();
  return all;
}

void sleep_until(steady::time_point when) {
  std::this_thread::sleep_until(when);
}

}  // namespace

absl::StatusOr<load_result> run_load(
    const std::vector<client>& clients, const load_options& options) {
  if (absl::Status filled = fill(clients.front(), options); !filled.ok()) return filled;
  schedule when;
  when.begin = steady::now() + options.warmup;
  when.end = when.begin + options.time;
  std::vector<std::shared_ptr<lane>> lanes;
  for (std::size_t i = 0; i < clients.size(); ++i) {
    lanes.push_back(std::make_shared<lane>(clients[i], options, when, i + 1));
    // What does not divide evenly goes to the first ones.
    const std::size_t share =
        options.outstanding / clients.size() + (i < options.outstanding % clients.size() ? 1 : 0);
    if (share > 0) {
      lanes.back()->start(share);
    } else {
      lanes.pop_back();
    }
  }
  load_result result;
  sleep_until(when.begin);
  const double cpu_before = cpu_seconds(options.pids);
  sleep_until(when.end);
  result.server_cpu_seconds = cpu_seconds(options.pids) - cpu_before;
  result.seconds = std::chrono::duration<double>(options.time).count();
  const auto deadline = when.end + std::chrono::seconds{15};
  for (const auto& one : lanes) {
    while (!one->done() && steady::now() < deadline)
      sleep_until(steady::now() + std::chrono::milliseconds{2});
    if (!one->done())
      return absl::DeadlineExceededError("Operations are still unanswered after 15 s.");
    result.latencies.add(one->latencies());
    result.errors += one->errors();
  }
  return result;
}

double cpu_seconds(const std::vector<pid_t>& pids) {
  double ticks = 0;
  for (const pid_t pid : pids) {
    std::ifstream file{absl::StrCat("/proc/", pid, "/stat")};
    const std::string text{std::istreambuf_iterator<char>{file}, {}};
    // The name, second, is in parentheses and may contain anything; fields count from behind it.
    const std::size_t name_end = text.rfind(')');
    if (name_end == std::string::npos) continue;
    const std::vector<std::string> fields = absl::StrSplit(text.substr(name_end + 2), ' ');
    double user = 0;
    double system = 0;
    if (fields.size() > 12 && absl::SimpleAtod(fields[11], &user)
        && absl::SimpleAtod(fields[12], &system))
      ticks += user + system;
  }
  return ticks / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

}  // namespace atomix::tools
