// SPDX-License-Identifier: Apache-2.0
#include "tools/follow.hpp"

#include <atomic>
#include <memory>

#include "tools/stop_signals.hpp"

namespace atomix::tools {
namespace {

// What listeners share with the main thread; they may outlive the wait by a moment.
struct feed {
  bell news;
  std::atomic<std::uint64_t> printed{0};
  std::atomic<bool> over{false};  // the session
};

}  // namespace

int follow(
    const follow_arguments& a,
    const std::function<subscription(const client&, const line_sink&)>& subscribe) {
  const stop_signals signals;
  const auto shared = std::make_shared<feed>();
  return with_client(a, [&](const client& c) {
    c.on_state_change([shared](session_state now) {
      if (now != session_state::expired && now != session_state::closed) return;
      shared->over = true;
      shared->news.ring();
    });
    const subscription listening =
        subscribe(c, [shared, format = a.output, most = a.count](const record& line) {
          if (most != 0 && shared->printed >= most) return;
          print_record(format, line);
          ++shared->printed;
          shared->news.ring();
        });
    const absl::Status ready = await(listening.ready(), a.timeout);
    if (!ready.ok()) return fail(ready);
    say("watching; Ctrl-C ends it.");
    while (true) {
      if (signals.take()) return static_cast<int>(exit_ok);
      if (a.count != 0 && shared->printed >= a.count) return static_cast<int>(exit_ok);
      if (shared->over) return fail("The session is over: the cluster was out of reach too long.");
      wait_for_any({signals.fd(), shared->news.fd()});
      shared->news.clear();
    }
  });
}

}  // namespace atomix::tools
