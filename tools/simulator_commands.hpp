// SPDX-License-Identifier: Apache-2.0
/// \file The commands of `atomix-sim`.
#pragma once

namespace CLI {
class App;
}  // namespace CLI

namespace atomix::tools {

void add_sim_command(CLI::App& app, int& exit_code);
void add_check_command(CLI::App& app, int& exit_code);
void add_torture_command(CLI::App& app, int& exit_code);

}  // namespace atomix::tools
