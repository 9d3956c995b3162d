// SPDX-License-Identifier: Apache-2.0
// `atomix election VERB NAME ...`
#include "resources/election/election.hpp"

#include <absl/strings/str_cat.h>
#include <unistd.h>

#include <atomic>
#include <mutex>

#include "tools/arguments.hpp"
#include "tools/commands.hpp"
#include "tools/follow.hpp"
#include "tools/stop_signals.hpp"

namespace atomix::tools {
namespace {

struct arguments : follow_arguments {
  std::string candidate;
  consistency level = consistency::atomic;
};

std::string default_candidate() {
  std::array<char, 256> host{};
  if (::gethostname(host.data(), host.size() - 1) != 0) host = {};
  return absl::StrCat(host.data(), ":", ::getpid());
}

// Shared with the session's thread.
struct candidacy {
  bell news;
  std::atomic<bool> lost{false};
};

void announce(output_format format, index_t epoch) {
  if (format == output_format::json)
    return print_record(format, {{"elected", true}, {"epoch", epoch.value()}});
  print_record(format, {{"elected", absl::StrCat("elected epoch=", epoch.value())}});
}

int run(const arguments& a) {
  const stop_signals signals;
  const auto shared = std::make_shared<candidacy>();
  return with_client(a, [&](const client& c) {
    c.on_state_change([shared](session_state now) {
      if (now == session_state::suspended)
        say("The cluster is out of reach; the leadership may be lost soon.");
      if (now != session_state::expired && now != session_state::closed) return;
      shared->lost = true;
      shared->news.ring();
    });
    const auto race = c.get<election>(a.name);
    const auto elected = [format = a.output](index_t epoch) {
      announce(format, epoch);
    };
    const std::string candidate = a.candidate.empty() ? default_candidate() : a.candidate;
    const absl::Status entered = await(race.run(candidate, elected), a.timeout);
    if (!entered.ok()) return show(a, entered);
    say(absl::StrCat("candidate '", candidate, "'; Ctrl-C resigns."));
    while (!shared->lost && !signals.take()) {
      wait_for_any({signals.fd(), shared->news.fd()});
      shared->news.clear();
    }
    if (!shared->lost) {
      const auto resigned = await(race.resign(), a.timeout);
      return resigned.ok() ? static_cast<int>(exit_ok) : fail(resigned.status());
    }
    return fail("The session is over, and with it the candidacy: the cluster was out of reach.");
  });
}

void add_run(CLI::App& noun, int& exit_code) {
  const auto a = std::make_shared<arguments>();
  CLI::App& verb = add_verb(
      noun,
      "run",
      "Be a candidate until a signal comes; prints `elected epoch=N` when elected",
      *a);
  verb.add_option(
          "--candidate", a->candidate, "What others see of it; default: host name and process")
      ->type_name("TEXT");
  add_duration(
      verb, "--session-timeout", a->session_timeout, "Out of touch for longer: another one leads");
  verb.callback([a, &exit_code] { exit_code = run(*a); });
}

void add_leader(CLI::App& noun, int& exit_code) {
  const auto a = std::make_shared<arguments>();
  CLI::App& verb =
      add_verb(noun, "leader", "Print who leads, and its epoch; exit code 1 if nobody does", *a);
  add_consistency(verb, a->level);
  on_call<arguments>(verb, a, exit_code, [](const client& c, const arguments& args) {
    const auto leader = await(c.get<election>(args.name).leader(args.level), args.timeout);
    if (!leader.ok()) return show(args, leader.status());
    if (!*leader) {
      if (args.output == output_format::json)
        print_record(args.output, {{"candidate", {}}, {"epoch", {}}});
      return static_cast<int>(exit_failed);
    }
    print_record(
        args.output, {{"candidate", (*leader)->candidate}, {"epoch", (*leader)->epoch.value()}});
    return static_cast<int>(exit_ok);
  });
}

void add_candidates(CLI::App& noun, int& exit_code) {
  const auto a = std::make_shared<arguments>();
  CLI::App& verb =
      add_verb(noun, "candidates", "Print the leader and those who wait, in order", *a);
  add_consistency(verb, a->level);
  on_call<arguments>(verb, a, exit_code, [](const client& c, const arguments& args) {
    const auto all = await(c.get<election>(args.name).candidates(args.level), args.timeout);
    if (!all.ok()) return show(args, all.status());
    std::vector<record> lines;
    for (const election_candidate& one : *all)
      lines.push_back({{"candidate", one.candidate}, {"session", one.session.value()}});
    print_table(args.output, {"candidate", "session"}, lines);
    return static_cast<int>(exit_ok);
  });
}

record line_of(const election_change& change) {
  const index_t at = change.index;
  if (!change.leader) return {{"index", at.value()}, {"candidate", {}}, {"epoch", {}}};
  return {
      {"index", at.value()},
      {"candidate", change.leader->candidate},
      {"epoch", change.leader->epoch.value()}};
}

int watch(const arguments& a) {
  return follow(a, [&](const client& c, const line_sink& print) {
    return c.get<election>(a.name).on_change(
        [print](const election_change& change) { print(line_of(change)); });
  });
}

void add_watch(CLI::App& noun, int& exit_code) {
  const auto a = std::make_shared<arguments>();
  CLI::App& verb = add_verb(noun, "watch", "Print each change: log index, leader, epoch", *a);
  verb.add_option("--count", a->count, "End after this many changes; 0: never");
  verb.callback([a, &exit_code] { exit_code = watch(*a); });
}

}  // namespace

void add_election_command(CLI::App& app, int& exit_code) {
  CLI::App& noun = add_noun(app, "election", "One leader among candidates, with epochs");
  add_run(noun, exit_code);
  add_leader(noun, exit_code);
  add_candidates(noun, exit_code);
  add_watch(noun, exit_code);
}

}  // namespace atomix::tools
