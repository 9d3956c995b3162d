// SPDX-License-Identifier: Apache-2.0
// The program `atomix-sim`: what `atomix sim`, `atomix check` and `atomix torture` run.
#include "actors/version.hpp"
#include "sim/bug_zoo.hpp"

#include "raft/base/planted.hpp"

#include <CLI/CLI.hpp>

#include <string>

#include "tools/commands.hpp"
#include "tools/simulator_commands.hpp"

namespace {

// As Jepsen's: valid, invalid, unknown, wrong arguments, internal error.
constexpr int exit_bad_arguments = 254;
constexpr int exit_internal_error = 255;

// A real server of the simulator's build, so that `atomix torture` can show that it finds bugs.
void add_server_with_bugs(CLI::App& app, int& exit_code) {
  atomix::tools::add_server_command(app, exit_code);
  const auto plant = [](const std::string& name) {
    const auto* const found = atomix::sim::find_bug(name);
    if (found == nullptr || !found->pending.empty())
      throw CLI::ValidationError("--bug", "'" + name + "' cannot be planted");
    atomix::plant(found->planted);
  };
  CLI::App* const server = app.get_subcommand("server");
  server->add_option_function<std::string>("--bug", plant, "Plant this bug")->trigger_on_parse();
  server->group("");  // for tests
}

int run(int argc, char** argv) {
  CLI::App app{
      "The simulator of Atomix: clusters in virtual time, and a checker of histories.", "atomix"};
  app.set_version_flag("--version", std::string("atomix ") + atomix::version);
  app.require_subcommand(1);
  app.get_formatter()->column_width(36);
  int exit_code = exit_internal_error;
  atomix::tools::add_sim_command(app, exit_code);
  atomix::tools::add_check_command(app, exit_code);
  atomix::tools::add_torture_command(app, exit_code);
  add_server_with_bugs(app, exit_code);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : exit_bad_arguments;
  }
  return exit_code;
}

}  // namespace

// What is thrown here (no memory, say) has nobody to catch it: the runtime ends the process and
// says why.
// NOLINTNEXTLINE(bugprone-exception-escape)
int main(int argc, char** argv) {
  return run(argc, argv);
}
