// SPDX-License-Identifier: Apache-2.0
// `atomix log verify DIR`
#include "raft/storage/log.hpp"
#include "raft/storage/posix_file_system.hpp"

#include <iostream>
#include <memory>

#include "tools/commands.hpp"
#include "tools/output.hpp"

namespace atomix::tools {

void add_log_command(CLI::App& app, int& exit_code) {
  CLI::App* noun = app.add_subcommand("log", "The log of a member, in its data directory");
  noun->require_subcommand(1);
  CLI::App* verify = noun->add_subcommand(
      "verify",
      "Read a whole data directory and check it; changes nothing. Exit code 1 if damaged");
  const auto directory = std::make_shared<std::string>();
  verify->add_option("DIR", *directory, "Data directory of a member that is not running")
      ->required();
  verify->callback([directory, &exit_code] {
    const auto files = raft::posix_file_system();
    const absl::StatusOr<std::string> found = raft::verify_log(*files, *directory);
    if (!found.ok()) {
      exit_code = fail(found.status());
      return;
    }
    std::cout << *found << (found->ends_with('\n') ? "" : "\n") << std::flush;
    exit_code = exit_ok;
  });
}

}  // namespace atomix::tools
