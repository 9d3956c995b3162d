// SPDX-License-Identifier: Apache-2.0
#include "tools/lock_run.hpp"

#include "resources/lock/lock.hpp"

#include <absl/strings/str_cat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <memory>
#include <utility>

#include "tools/child_process.hpp"
#include "tools/group_watchdog.hpp"
#include "tools/quantities.hpp"
#include "tools/stop_signals.hpp"

namespace atomix::tools {
namespace {

using steady = std::chrono::steady_clock;
using std::chrono::milliseconds;

// The session's state as its thread tells it.
struct session_watch {
  bell news;
  std::atomic<session_state> state{session_state::connecting};
};

std::shared_ptr<session_watch> watch(const client& c) {
  auto shared = std::make_shared<session_watch>();
  c.on_state_change([shared](session_state now) {
    shared->state = now;
    shared->news.ring();
  });
  return shared;
}

bool is_over(session_state state) {
  return state == session_state::expired || state == session_state::closed;
}

// The grant, or the exit code if there is none.
struct acquisition {
  std::optional<lock_grant> grant;
  int exit_code = exit_failed;
};

acquisition acquire(
    const lock& l,
    const lock_run_arguments& a,
    const stop_signals& signals,
    const std::shared_ptr<session_watch>& session) {
  const auto asked =
      a.wait
          ? l.try_acquire(*a.wait)
          : transform<std::optional<lock_grant>>(
              l.acquire(),
              [](const absl::StatusOr<lock_grant>& r) -> absl::StatusOr<std::optional<lock_grant>> {
                if (!r.ok()) return r.status();
                return std::optional{*r};
              });
  asked.then([session](const auto&) { session->news.ring(); });
  while (!asked.is_ready()) {
    wait_for_any({signals.fd(), session->news.fd()});
    session->news.clear();
    if (const auto signal = signals.take(); signal && *signal != SIGCHLD) {
      // Closing the session withdraws the request too; this is only faster.
      (void)l.cancel();
      return {std::nullopt, 128 + *signal};
    }
  }
  const auto granted = asked.get();
  if (!granted.ok()) return {std::nullopt, fail(granted.status())};
  if (!*granted) {
    return {
        std::nullopt,
        fail(absl::StrCat("The lock '", a.name, "' was not free within ", to_text(*a.wait), "."))};
  }
  return {*granted, exit_ok};
}

// The command while it runs: who may end it, and when.
//
//   running --suspended for 0.35 timeouts--> SIGTERM --0.5 timeouts--> SIGKILL
//     '------------------------- session expired -----------------------^
class guarded_child {
 public:
  guarded_child(pid_t child, milliseconds session_timeout)
      : child_(child), session_timeout_(session_timeout) {}

  void session_is(session_state state) {
    if (is_over(state)) {
      lose(SIGKILL, "The session is over and the lock lost: the command is killed.");
    } else if (state != session_state::suspended) {
      suspended_ = false;
    } else if (!std::exchange(suspended_, true)) {
      suspended_since_ = steady::now();
    }
  }

  // Ends what must end by now; returns how long nothing needs to be done.
  std::optional<milliseconds> keep_time() {
    if (!suspended_ || killed_) return std::nullopt;
    const auto silent = std::chrono::duration_cast<milliseconds>(steady::now() - suspended_since_);
    const milliseconds term_at = session_timeout_ * 35 / 100;
    const milliseconds kill_at = session_timeout_ / 2;
    if (silent >= kill_at) {
      lose(SIGKILL, "The command did not end in time: it is killed before the lock can be lost.");
      return std::nullopt;
    }
    if (silent < term_at) return term_at - silent;
    if (!lost_)
      lose(SIGTERM, "The cluster is out of reach and the lock may be lost: the command must end.");
    return kill_at - silent;
  }

  // Its exit code once it has ended.
  std::optional<int> ended() {
    siginfo_t info{};
    if (::waitid(P_PID, static_cast<id_t>(child_), &info, WEXITED | WNOHANG | WNOWAIT) != 0
        || info.si_pid == 0)
      return std::nullopt;
    // What the command left behind must not outlive the lock. Before the child is reaped: as long
    // as it is there, nobody else can have its number.
    if (lost_) ::kill(-child_, SIGKILL);
    int status = 0;
    ::waitpid(child_, &status, 0);
    return lost_ ? static_cast<int>(exit_lock_lost) : exit_code_of(status);
  }

  // The watchdog has killed the command, or is about to.
  void give_up() { lose(SIGKILL, "This process was stopped for too long: the command is killed."); }

  void pass_on(int signal) const { ::kill(-child_, signal); }

 private:
  void lose(int signal, const char* sentence) {
    if (killed_) return;
    say(sentence);
    lost_ = true;
    killed_ = signal == SIGKILL;
    ::kill(-child_, signal);
    // A stopped process does not see SIGTERM.
    ::kill(-child_, SIGCONT);
  }

  pid_t child_;
  milliseconds session_timeout_;
  bool suspended_ = false;
  steady::time_point suspended_since_;  // while `suspended_`
  bool lost_ = false;
  bool killed_ = false;
};

// Lends the terminal to the command, so that it may read and gets Ctrl-C.
class terminal_loan {
 public:
  explicit terminal_loan(pid_t group) : lent_(::isatty(STDIN_FILENO) == 1) {
    if (!lent_) return;
    ::signal(SIGTTOU, SIG_IGN);
    ::tcsetpgrp(STDIN_FILENO, group);
  }
  terminal_loan(const terminal_loan&) = delete;
  terminal_loan& operator=(const terminal_loan&) = delete;
  ~terminal_loan() {
    if (lent_) ::tcsetpgrp(STDIN_FILENO, ::getpgrp());
  }

 private:
  bool lent_;
};

int guard(
    pid_t child,
    const lock_run_arguments& a,
    const stop_signals& signals,
    session_watch& session,
    group_watchdog& watchdog) {
  const terminal_loan terminal{child};
  guarded_child guarded{child, a.session_timeout};
  while (true) {
    if (!watchdog.beat()) guarded.give_up();
    guarded.session_is(session.state);
    const std::optional<milliseconds> patience = guarded.keep_time();
    if (const auto code = guarded.ended()) return *code;
    wait_for_any(
        {signals.fd(), session.news.fd()},
        std::min(patience.value_or(watchdog.beat_interval()), watchdog.beat_interval()));
    session.news.clear();
    while (const auto signal = signals.take())
      if (*signal != SIGCHLD) guarded.pass_on(*signal);
  }
}

void release(const lock& l, lock_grant grant, milliseconds patience) {
  const absl::StatusOr<bool> released = await(l.release(grant), patience);
  if (!released.ok()) say("The lock was not released; it is free when the session has timed out.");
}

}  // namespace

int lock_run(const lock_run_arguments& a) {
  const stop_signals signals{SIGCHLD};
  group_watchdog watchdog{a.session_timeout / 2};
  return with_client(a, [&](const client& c) {
    const auto session = watch(c);
    const auto l = c.get<lock>(a.name);
    const acquisition got = acquire(l, a, signals, session);
    if (!got.grant) return got.exit_code;
    const auto child = start_child(
        {.command = a.command,
         .environment = {absl::StrCat("ATOMIX_FENCE=", got.grant->token.value())},
         .output = {},
         .own_group = true,
         .announce_to = watchdog.begin()});
    const int code =
        child.ok() ? guard(*child, a, signals, *session, watchdog) : fail(child.status());
    if (!is_over(session->state)) release(l, *got.grant, milliseconds{1000});
    return code;
  });
}

int lock_hold(const lock_run_arguments& a) {
  const stop_signals signals;
  return with_client(a, [&](const client& c) {
    const auto session = watch(c);
    const auto l = c.get<lock>(a.name);
    const acquisition got = acquire(l, a, signals, session);
    if (!got.grant) return got.exit_code;
    print_record(a.output, {{"token", got.grant->token.value()}});
    say("held; Enter or Ctrl-C releases it.");
    while (!is_over(session->state)) {
      wait_for_any({signals.fd(), session->news.fd(), STDIN_FILENO});
      session->news.clear();
      if (!signals.take() && !is_readable(STDIN_FILENO)) continue;
      release(l, *got.grant, a.timeout);
      return static_cast<int>(exit_ok);
    }
    say("The session is over and the lock lost: the cluster was out of reach too long.");
    return static_cast<int>(exit_lock_lost);
  });
}

}  // namespace atomix::tools
