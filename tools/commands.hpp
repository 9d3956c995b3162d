// SPDX-License-Identifier: Apache-2.0
/// \file The commands of the program. Each adds itself with its options; when it was called,
/// `exit_code` holds what the process returns.
#pragma once

#include <CLI/CLI.hpp>

namespace atomix::tools {

void add_server_command(CLI::App& app, int& exit_code);
void add_value_command(CLI::App& app, int& exit_code);
void add_counter_command(CLI::App& app, int& exit_code);
void add_map_command(CLI::App& app, int& exit_code);
void add_lock_command(CLI::App& app, int& exit_code);
void add_election_command(CLI::App& app, int& exit_code);
void add_status_command(CLI::App& app, int& exit_code);
void add_log_command(CLI::App& app, int& exit_code);
void add_bench_command(CLI::App& app, int& exit_code);

}  // namespace atomix::tools
