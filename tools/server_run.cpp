// SPDX-License-Identifier: Apache-2.0
#include "tools/server_run.hpp"

#include <absl/strings/str_cat.h>
#include <absl/time/clock.h>
#include <absl/time/time.h>

#include <atomic>
#include <csignal>
#include <cstdio>
#include <thread>

#include "tools/output.hpp"
#include "tools/stop_signals.hpp"

namespace atomix::tools {
namespace {

void log_line(std::string_view severity, std::string_view sentence) {
  const std::string when =
      absl::FormatTime("%Y-%m-%dT%H:%M:%E3SZ", absl::Now(), absl::UTCTimeZone());
  const std::string line =
      absl::StrCat(when, " ", std::string(severity), ": ", std::string(sentence), "\n");
  // One call per line: lines of several threads do not mix.
  std::fwrite(line.data(), 1, line.size(), stderr);
}

}  // namespace

int run_server(replica_options options) {
  const stop_signals signals;
  options.log = [](std::string_view severity, std::string_view sentence) {
    if (severity != "debug") log_line(severity, sentence);
  };
  absl::StatusOr<replica> member = replica::start(options);
  if (!member.ok()) return fail(member.status());
  log_line(
      "info",
      absl::StrCat(
          "member ",
          options.name,
          " of cluster '",
          options.cluster,
          "' listens at ",
          member->address(),
          ", data in ",
          options.directory));

  const bell news;
  std::atomic<bool> ended{false};
  absl::Status why;
  std::thread watcher{[&] {
    why = member->wait();
    ended = true;
    news.ring();
  }};
  while (!ended) {
    const std::optional<int> signal = signals.take();
    if (signal && *signal != SIGHUP) {
      log_line("info", "stopping; a second signal ends the process at once");
      stop_signals::let_next_one_kill();
      member->stop();
      break;
    }
    wait_for_any({signals.fd(), news.fd()});
  }
  watcher.join();
  if (!why.ok()) return fail(why);
  log_line("info", "stopped");
  return exit_ok;
}

}  // namespace atomix::tools
