// SPDX-License-Identifier: Apache-2.0
#include "tools/group_watchdog.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <csignal>

#include "tools/child_process.hpp"

namespace atomix::tools {
namespace {

using std::chrono::milliseconds;

pid_t start_under(group_watchdog& watchdog) {
  const auto child = start_child(
      {.command = {"sleep", "600"},
       .environment = {},
       .output = {},
       .own_group = true,
       .announce_to = watchdog.begin()});
  EXPECT_TRUE(child.ok()) << child.status();
  return child.value_or(0);
}

int signal_that_ended(pid_t child) {
  int status = 0;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

// A guardian that was stopped right after it had started its command was not missed once: it had
// not told the watchdog yet. The command outlived the lock.
TEST(group_watchdog, needs_no_word_of_a_guardian_that_is_stopped_at_once) {
  ::signal(SIGPIPE, SIG_IGN);
  group_watchdog watchdog{milliseconds{100}};
  const pid_t child = start_under(watchdog);
  EXPECT_EQ(signal_that_ended(child), SIGKILL);
  EXPECT_FALSE(watchdog.beat());
}

TEST(group_watchdog, leaves_the_group_alone_when_it_is_sent_home) {
  pid_t child = 0;
  {
    group_watchdog watchdog{milliseconds{60'000}};
    child = start_under(watchdog);
    EXPECT_TRUE(watchdog.beat());
  }
  EXPECT_EQ(::kill(child, SIGTERM), 0);
  EXPECT_EQ(signal_that_ended(child), SIGTERM);
}

}  // namespace
}  // namespace atomix::tools
