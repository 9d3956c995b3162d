// SPDX-License-Identifier: Apache-2.0
// The program `atomix-sim`: what `atomix sim` and `atomix check` run.
#include "actors/version.hpp"

#include <CLI/CLI.hpp>

#include <string>

#include "tools/simulator_commands.hpp"

namespace {

// As Jepsen's: valid, invalid, unknown, wrong arguments, internal error.
constexpr int exit_bad_arguments = 254;
constexpr int exit_internal_error = 255;

int run(int argc, char** argv) {
  CLI::App app{
      "The simulator of Atomix: clusters in virtual time, and a checker of histories.", "atomix"};
  app.set_version_flag("--version", std::string("atomix ") + atomix::version);
  app.require_subcommand(1);
  app.get_formatter()->column_width(36);
  int exit_code = exit_internal_error;
  atomix::tools::add_sim_command(app, exit_code);
  atomix::tools::add_check_command(app, exit_code);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : exit_bad_arguments;
  }
  return exit_code;
}

}  // namespace

int main(int argc, char** argv) {
  return run(argc, argv);
}
