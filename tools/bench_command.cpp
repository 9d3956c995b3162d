// SPDX-License-Identifier: Apache-2.0
// `atomix bench write|read|mixed|failover`
#include <absl/strings/str_cat.h>

#include <algorithm>
#include <csignal>

#include "tools/arguments.hpp"
#include "tools/commands.hpp"
#include "tools/failover.hpp"
#include "tools/load.hpp"
#include "tools/local_cluster.hpp"
#include "tools/quantities.hpp"

namespace atomix::tools {
namespace {

using std::chrono::milliseconds;

struct arguments : call_arguments {
  load_options load;
  std::uint64_t value_bytes = 256;
  local_cluster_options local;
  std::size_t threads = 0;  // 0: one for each session
  std::size_t trials = 30;
  std::string signal = "both";
};

double micros(std::uint64_t nanoseconds) {
  return static_cast<double>(nanoseconds) / 1000;
}

record report_of(const std::string& op, const arguments& a, const load_result& r) {
  const auto ops = r.latencies.count();
  const auto count = static_cast<double>(ops);
  record line{
      {"system", std::string("atomix")},
      {"op", op},
      {"outstanding", std::uint64_t{a.load.outstanding}},
      {"ops", ops},
      {"errors", r.errors},
      {"seconds", r.seconds},
      {"rate", count / r.seconds},
      {"p50_us", micros(r.latencies.quantile(0.5))},
      {"p90_us", micros(r.latencies.quantile(0.9))},
      {"p99_us", micros(r.latencies.quantile(0.99))},
      {"p999_us", micros(r.latencies.quantile(0.999))},
      {"max_us", micros(r.latencies.largest())},
      {"server_cpu_us_per_op", {}}};
  if (!a.load.pids.empty() && ops > 0) line.back().value = r.server_cpu_seconds * 1e6 / count;
  return line;
}

void print_one(output_format format, const record& line) {
  if (format == output_format::json) {
    print_record(format, line);
    return;
  }
  std::vector<std::string> keys;
  for (const field& f : line)
    keys.push_back(f.key);
  print_table(format, keys, {line});
}

int run_with_servers(const std::string& op, arguments& a) {
  std::vector<client> clients;
  clients.reserve(a.load.clients);
  const std::size_t threads = a.threads == 0 ? a.load.clients : a.threads;
  for (std::size_t i = 0; i < a.load.clients; ++i) {
    absl::StatusOr<client> opened = i < threads ? open_client(a) : clients[i % threads].another();
    if (!opened.ok()) return fail(opened.status());
    clients.push_back(*std::move(opened));
  }
  const absl::StatusOr<load_result> result = run_load(clients, a.load);
  if (!result.ok()) return fail(result.status());
  print_one(a.output, report_of(op, a, *result));
  return result->latencies.count() > 0 ? exit_ok : exit_failed;
}

int run_op(const std::string& op, arguments& a) {
  a.load.value_bytes = a.value_bytes;
  if (a.local.members == 0) return run_with_servers(op, a);
  const auto cluster = local_cluster::start(a.local);
  if (!cluster.ok()) return fail(cluster.status());
  const auto leader = (*cluster)->wait_until_in_sync(milliseconds{20'000});
  if (!leader.ok()) return fail(leader.status());
  a.servers = (*cluster)->servers();
  a.load.pids = (*cluster)->pids();
  return run_with_servers(op, a);
}

record report_of(const std::string& signal, std::vector<std::chrono::microseconds> durations) {
  std::sort(durations.begin(), durations.end());
  const auto at = [&](std::size_t percent) {
    const std::size_t place = std::min(durations.size() - 1, durations.size() * percent / 100);
    return static_cast<double>(durations[place].count()) / 1000;
  };
  return {
      {"system", std::string("atomix")},
      {"op", std::string("failover")},
      {"signal", signal},
      {"trials", std::uint64_t{durations.size()}},
      {"min_ms", at(0)},
      {"median_ms", at(50)},
      {"p90_ms", at(90)},
      {"max_ms", at(100)}};
}

int run_failover(arguments& a) {
  if (a.local.members == 0) a.local.members = 3;
  const auto cluster = local_cluster::start(a.local);
  if (!cluster.ok()) return fail(cluster.status());
  const std::vector<std::pair<std::string, int>> kinds{{"KILL", SIGKILL}, {"STOP", SIGSTOP}};
  for (const auto& [name, signal] : kinds) {
    if (a.signal != "both" && a.signal != name) continue;
    const auto durations = measure_failover(**cluster, signal, a.trials);
    if (!durations.ok()) return fail(durations.status());
    print_one(a.output, report_of(name, *durations));
  }
  return exit_ok;
}

void add_local(CLI::App& command, arguments& a) {
  command
      .add_option("--local", a.local.members, "Start this many servers here, and stop them after")
      ->type_name("MEMBERS")
      ->check(CLI::Range(0, 9));
  command.add_option("--dir,--data", a.local.directory, "Where local servers keep their data")
      ->type_name("DIR");
  command.add_option("--server-flag", a.local.flags, "One more argument for local servers")
      ->type_name("FLAG")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  add_output(command, a.output);
}

void add_load(CLI::App& noun, int& exit_code, const char* op, const char* what, load_kind kind) {
  const auto a = std::make_shared<arguments>();
  a->local.members = 0;
  a->load.kind = kind;
  CLI::App* command = noun.add_subcommand(op, what);
  add_connect(*command, a->servers);
  add_local(*command, *a);
  command->add_option("--clients", a->load.clients, "Sessions")
      ->capture_default_str()
      ->check(CLI::Range(1, 1000));
  command->add_option("--threads", a->threads, "Threads that the sessions share; 0: one for each")
      ->capture_default_str()
      ->check(CLI::Range(0, 64));
  command->add_option("--outstanding", a->load.outstanding, "Operations in flight, in all")
      ->capture_default_str()
      ->check(CLI::Range(1, 100'000));
  add_size(*command, "--size", a->value_bytes, "Size of a value");
  command->add_option("--keys", a->load.keys, "Different keys")
      ->capture_default_str()
      ->check(CLI::Range(1, 100'000'000));
  add_duration(*command, "--time", a->load.time, "How long to measure");
  add_duration(*command, "--warmup", a->load.warmup, "How long to run before that");
  command->add_option("--pids", a->load.pids, "The servers' processes, to measure their CPU time")
      ->delimiter(',');
  command->callback([a, &exit_code, op = std::string(op)] { exit_code = run_op(op, *a); });
}

}  // namespace

void add_bench_command(CLI::App& app, int& exit_code) {
  CLI::App& noun = add_noun(
      app, "bench", "Measure throughput, latency and fail-over, of running or of local servers");
  add_load(noun, exit_code, "write", "Write entries of a map", load_kind::write);
  add_load(noun, exit_code, "read", "Read entries of a map, linearizably", load_kind::read);
  add_load(noun, exit_code, "mixed", "Half writes, half reads", load_kind::mixed);
  const auto a = std::make_shared<arguments>();
  CLI::App* failover = noun.add_subcommand(
      "failover", "Kill or stop the leader of a local cluster; time until writes succeed again");
  add_local(*failover, *a);
  failover->add_option("--trials", a->trials, "How often, for each kind of signal")
      ->capture_default_str()
      ->check(CLI::Range(1, 10'000));
  failover->add_option("--signal", a->signal, "KILL, STOP or both")
      ->capture_default_str()
      ->check(CLI::IsMember({"KILL", "STOP", "both"}));
  failover->callback([a, &exit_code] { exit_code = run_failover(*a); });
}

}  // namespace atomix::tools
