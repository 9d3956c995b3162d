// SPDX-License-Identifier: Apache-2.0
/// \file `atomix sim` and `atomix check` live in a program of their own, `atomix-sim`, next to this
/// one: its cluster is built from the same sources with fault points and planted bugs compiled in,
/// which no program of production contains.
#pragma once

#include <CLI/CLI.hpp>

namespace atomix::tools {

/// Lists the commands of the simulator in the help text.
void list_simulator_commands(CLI::App& app);

/// Whether these arguments are the simulator's business.
[[nodiscard]] bool is_for_simulator(int argc, char** argv);

/// Becomes the simulator. Returns only if there is none: says so, with the exit code of an internal
/// error (255).
[[nodiscard]] int become_simulator(char** argv);

}  // namespace atomix::tools
