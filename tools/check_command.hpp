// SPDX-License-Identifier: Apache-2.0
/// \file `atomix check`.
#pragma once

namespace CLI {
class App;
}  // namespace CLI

namespace atomix::tools {

void add_check_command(CLI::App& app, int& exit_code);

}  // namespace atomix::tools
