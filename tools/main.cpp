// SPDX-License-Identifier: Apache-2.0
// The program `atomix`: servers, clients and tools in one.
#include "actors/version.hpp"

#include <csignal>

#include "tools/commands.hpp"
#include "tools/output.hpp"
#include "tools/simulator.hpp"

namespace atomix::tools {
namespace {

int run(int argc, char** argv) {
  CLI::App app{
      "Atomix: values, counters, maps, locks and elections that survive the failure of servers.\n"
      "Exit codes: 0 ok, 1 failed or \"no\", 2 usage; others where the command says so."};
  app.set_version_flag("--version", std::string("atomix ") + version);
  app.require_subcommand(1);
  app.get_formatter()->column_width(36);
  int exit_code = exit_ok;
  add_server_command(app, exit_code);
  add_status_command(app, exit_code);
  add_value_command(app, exit_code);
  add_counter_command(app, exit_code);
  add_map_command(app, exit_code);
  add_lock_command(app, exit_code);
  add_election_command(app, exit_code);
  add_log_command(app, exit_code);
  add_bench_command(app, exit_code);
  list_simulator_commands(app);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? static_cast<int>(exit_ok) : static_cast<int>(exit_usage);
  }
  return exit_code;
}

}  // namespace
}  // namespace atomix::tools

// What is thrown here (no memory, say) has nobody to catch it: the runtime ends the process and
// says why. NOLINTNEXTLINE(bugprone-exception-escape)
int main(int argc, char** argv) {
  // Writing to a pipe or connection that is gone is an error to handle, not the end.
  std::signal(SIGPIPE, SIG_IGN);
  if (atomix::tools::is_for_simulator(argc, argv)) return atomix::tools::become_simulator(argv);
  return atomix::tools::run(argc, argv);
}
