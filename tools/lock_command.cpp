// SPDX-License-Identifier: Apache-2.0
// `atomix lock VERB NAME ...`
#include "resources/lock/lock.hpp"

#include "tools/arguments.hpp"
#include "tools/commands.hpp"
#include "tools/lock_run.hpp"

namespace atomix::tools {
namespace {

struct arguments : lock_run_arguments {
  std::chrono::milliseconds wait_given{0};
  consistency level = consistency::atomic;
};

void add_waiting(CLI::App& verb, const std::shared_ptr<arguments>& a) {
  add_duration(verb, "--wait", a->wait_given, "Give up after this long; 0: unless it is free now")
      ->default_str("for ever");
  add_duration(
      verb,
      "--session-timeout",
      a->session_timeout,
      "Out of touch with the cluster for longer: the lock is somebody else's");
}

void add_holding(
    CLI::App& verb,
    const std::shared_ptr<arguments>& a,
    int& exit_code,
    int (*hold)(const lock_run_arguments&)) {
  verb.callback([a, &verb, &exit_code, hold] {
    if (verb.count("--wait") > 0) a->wait = a->wait_given;
    exit_code = hold(*a);
  });
}

void add_run(CLI::App& noun, int& exit_code) {
  const auto a = std::make_shared<arguments>();
  CLI::App& verb = add_verb(
      noun,
      "run",
      "Run a command while holding the lock, with its token in ATOMIX_FENCE. If the lock may be\n"
      "lost, the command gets SIGTERM, then SIGKILL, before anybody else can hold it. Exit codes:\n"
      "the command's; 128 + signal; 75: the lock was lost; 1: not acquired",
      *a);
  verb.add_option("COMMAND", a->command, "After `--`: the program and its arguments; no shell")
      ->required();
  add_waiting(verb, a);
  add_holding(verb, a, exit_code, lock_run);
}

void add_acquire(CLI::App& noun, int& exit_code) {
  const auto a = std::make_shared<arguments>();
  CLI::App& verb = add_verb(
      noun,
      "acquire",
      "Acquire, print the token, and hold it until Enter, end of input or a signal",
      *a);
  add_waiting(verb, a);
  add_holding(verb, a, exit_code, lock_hold);
}

void add_state(CLI::App& noun, int& exit_code) {
  const auto a = std::make_shared<arguments>();
  CLI::App& verb = add_verb(
      noun,
      "state",
      "Print the holder's session and token, and how many wait; exit code 1 if free",
      *a);
  add_consistency(verb, a->level);
  on_call<arguments>(verb, a, exit_code, [](const client& c, const arguments& args) {
    const auto state = await(c.get<lock>(args.name).state(args.level), args.timeout);
    if (!state.ok()) return show(args, state.status());
    const bool held = state->holder.value() != 0;
    record line{{"holder", {}}, {"token", {}}, {"waiting", state->waiting}};
    if (held) {
      line[0].value = state->holder.value();
      line[1].value = state->token.value();
    }
    print_table(args.output, {"holder", "token", "waiting"}, {line});
    return static_cast<int>(held ? exit_ok : exit_failed);
  });
}

void add_check(CLI::App& noun, int& exit_code) {
  const auto a = std::make_shared<arguments>();
  const auto token = std::make_shared<std::uint64_t>(0);
  CLI::App& verb = add_verb(
      noun, "check", "Whether TOKEN is that of the present holder; exit code 1 if not", *a);
  verb.add_option("TOKEN", *token, "As printed by `acquire`, or from ATOMIX_FENCE")->required();
  on_call<arguments>(verb, a, exit_code, [token](const client& c, const arguments& args) {
    return finish(args, c.get<lock>(args.name).check(index_t{*token}));
  });
}

}  // namespace

void add_lock_command(CLI::App& app, int& exit_code) {
  CLI::App& noun = add_noun(app, "lock", "A fair lock with fencing tokens");
  add_run(noun, exit_code);
  add_acquire(noun, exit_code);
  add_state(noun, exit_code);
  add_check(noun, exit_code);
}

}  // namespace atomix::tools
