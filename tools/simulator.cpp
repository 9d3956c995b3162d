// SPDX-License-Identifier: Apache-2.0
#include "tools/simulator.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <iostream>
#include <string>
#include <string_view>
#include <system_error>

namespace atomix::tools {
namespace {

constexpr int exit_internal_error = 255;

struct command {
  std::string_view name;
  const char* description;
};
constexpr std::array<command, 3> commands{{
    {"sim", "Run simulated clusters with faults from a seed and check what their clients see"},
    {"check", "Check histories for linearizability: Jepsen's, ours, or anybody's"},
    {"torture", "Run real servers on this machine under faults and check what their clients see"},
}};

}  // namespace

void list_simulator_commands(CLI::App& app) {
  for (const command& c : commands)
    app.add_subcommand(std::string(c.name), c.description);
}

bool is_for_simulator(int argc, char** argv) {
  if (argc < 2) return false;
  const std::string_view first{argv[1]};
  return std::any_of(
      commands.begin(), commands.end(), [&](const command& c) { return c.name == first; });
}

int become_simulator(char** argv) {
  std::error_code failed;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", failed);
  const std::string simulator = (self.parent_path() / "atomix-sim").string();
  execv(simulator.c_str(), argv);
  std::cerr << "atomix " << argv[1] << ": cannot run " << simulator << ": " << std::strerror(errno)
            << ". It is installed together with this program; build the target atomix-sim.\n";
  return exit_internal_error;
}

}  // namespace atomix::tools
