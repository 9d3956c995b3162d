// SPDX-License-Identifier: Apache-2.0
// `atomix server`: options from flags, environment and a file, in this order of precedence.
#include <absl/strings/ascii.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/str_replace.h>

#include <algorithm>
#include <fstream>
#include <iostream>

#include "tools/arguments.hpp"
#include "tools/commands.hpp"
#include "tools/quantities.hpp"
#include "tools/server_run.hpp"

namespace atomix::tools {
namespace {

struct arguments {
  replica_options options;
  std::string members;  // "n1=HOST:PORT,..."
  bool no_sync = false;
  std::string config;
  bool print_config = false;
  std::map<std::string, std::string> from_file;  // option -> file
};

std::string bare_name(const CLI::Option& option) {
  return option.get_lnames().empty() ? std::string{} : option.get_lnames().front();
}

bool is_setting(const CLI::Option& option) {
  const std::string name = bare_name(option);
  return !name.empty() && name != "help" && name != "config" && name != "print-config";
}

// --election-timeout is also ATOMIX_ELECTION_TIMEOUT.
void name_environment(CLI::App& command) {
  for (CLI::Option* option : command.get_options()) {
    if (!is_setting(*option)) continue;
    std::string name = absl::StrReplaceAll(bare_name(*option), {{"-", "_"}});
    absl::AsciiStrToUpper(&name);
    option->envname(absl::StrCat("ATOMIX_", name));
  }
}

void add_options(CLI::App& command, arguments& a) {
  command.add_option("--id", a.options.name, "Name of this member, one of the cluster's")
      ->type_name("NAME");
  command
      .add_option(
          "--cluster", a.members, "All members, the same on each: n1=HOST:PORT,n2=HOST:PORT,...")
      ->type_name("MEMBERS");
  command.add_option("--data", a.options.directory, "Data directory; made if absent")
      ->type_name("DIR");
  command
      .add_option("--listen", a.options.listen, "Where to listen, if not at this member's address")
      ->type_name("HOST:PORT");
  command
      .add_option("--cluster-name", a.options.cluster, "Members and clients of others are refused")
      ->type_name("NAME")
      ->capture_default_str();
  add_duration(
      command,
      "--election-timeout",
      a.options.election_timeout,
      "Silence after which members vote");
  add_duration(
      command, "--heartbeat", a.options.heartbeat, "Pause between a leader's signs of life");
  add_size(command, "--segment-size", a.options.segment_bytes, "Size of the log's files");
  command.add_flag(
      "--no-sync", a.no_sync, "Do not wait for the disk: a power cut loses acknowledged writes");
  command.add_option("--config", a.config, "TOML or INI file with these options, without dashes")
      ->type_name("FILE")
      ->envname("ATOMIX_CONFIG");
  command.add_flag(
      "--print-config", a.print_config, "Print all options with their origin, and end");
  name_environment(command);
}

// Options that neither flag nor environment gave. Not CLI11's own reading, which puts the file
// before the environment.
absl::Status apply_file(CLI::App& command, arguments& a) {
  if (a.config.empty()) return absl::OkStatus();
  std::ifstream file{a.config};
  if (!file) {
    return absl::NotFoundError(absl::StrCat(
        "The configuration file '", a.config, "' cannot be read: ", std::strerror(errno), "."));
  }
  for (const CLI::ConfigItem& item : CLI::ConfigTOML().from_config(file)) {
    if (item.name == "++" || item.name == "--") continue;  // brackets around a section
    CLI::Option* option = command.get_option_no_throw("--" + item.name);
    if (option == nullptr || !is_setting(*option) || !item.parents.empty()) {
      return absl::InvalidArgumentError(absl::StrCat(
          "'", item.fullname(), "' in '", a.config, "' is no option; see atomix server --help."));
    }
    if (option->count() > 0) continue;
    for (const std::string& text : item.inputs)
      option->add_result(text);
    option->run_callback();
    a.from_file[bare_name(*option)] = a.config;
  }
  return absl::OkStatus();
}

std::string origin_of(const CLI::App& command, const CLI::Option& option, const arguments& a) {
  const auto from_file = a.from_file.find(bare_name(option));
  if (from_file != a.from_file.end()) return from_file->second;
  const std::vector<CLI::Option*>& given = command.parse_order();
  if (std::find(given.begin(), given.end(), &option) != given.end()) return "flag";
  return option.count() > 0 ? option.get_envname() : "default";
}

void print_config(const CLI::App& command, const arguments& a) {
  for (const CLI::Option* option : command.get_options()) {
    if (!is_setting(*option)) continue;
    const std::string value =
        option->count() > 0 ? option->results().back() : option->get_default_str();
    const bool bare = value == "true" || value == "false";
    const std::string fallback = bare_name(*option) == "no-sync" ? "false" : "\"\"";
    const std::string text =
        value.empty() ? fallback : (bare ? value : absl::StrCat("\"", value, "\""));
    std::cout << bare_name(*option) << " = " << text << "  # " << origin_of(command, *option, a)
              << "\n";
  }
  std::cout << std::flush;
}

absl::Status complete(arguments& a) {
  const std::vector<std::pair<const char*, const std::string*>> needed{
      {"--id", &a.options.name}, {"--cluster", &a.members}, {"--data", &a.options.directory}};
  for (const auto& [flag, text] : needed) {
    if (text->empty()) {
      return absl::InvalidArgumentError(absl::StrCat(
          flag,
          " is missing. A member needs --id, --cluster and --data; see atomix server --help."));
    }
  }
  a.options.members = split_list(a.members);
  a.options.sync = !a.no_sync;
  return absl::OkStatus();
}

int start(CLI::App& command, arguments& a) {
  try {
    absl::Status ready = apply_file(command, a);
    if (ready.ok() && a.print_config) {
      print_config(command, a);
      return exit_ok;
    }
    if (ready.ok()) ready = complete(a);
    if (!ready.ok()) {
      say(std::string(ready.message()));
      return exit_usage;
    }
  } catch (const CLI::Error& error) {
    say(absl::StrCat("In '", a.config, "': ", error.what()));
    return exit_usage;
  }
  return run_server(a.options);
}

}  // namespace

void add_server_command(CLI::App& app, int& exit_code) {
  CLI::App* command = app.add_subcommand(
      "server",
      "Run a member of a cluster until SIGTERM or SIGINT. Options come from flags, else from\n"
      "ATOMIX_* variables, else from the file, else from the defaults");
  const auto a = std::make_shared<arguments>();
  add_options(*command, *a);
  command->callback([command, a, &exit_code] { exit_code = start(*command, *a); });
}

}  // namespace atomix::tools
