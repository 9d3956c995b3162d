// SPDX-License-Identifier: Apache-2.0
/// \file Options that several commands share. With `commands.hpp` and the commands themselves, the
/// only files that see CLI11.
#pragma once

#include "resources/consistency.hpp"

#include <CLI/CLI.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "tools/call.hpp"
#include "tools/output.hpp"

namespace atomix::tools {

/// Options with units, as `quantities.hpp` reads them; the present value of `into` is the default.
CLI::Option* add_duration(
    CLI::App& app,
    const std::string& flag,
    std::chrono::milliseconds& into,
    const std::string& description);
CLI::Option* add_size(
    CLI::App& app, const std::string& flag, std::uint64_t& into, const std::string& description);

/// `-o table|json`.
void add_output(CLI::App& app, output_format& into);
/// `--connect HOST:PORT,...`, also from ATOMIX_CONNECT; addresses are checked.
CLI::Option* add_connect(CLI::App& app, std::string& into);
/// `--consistency atomic|sequential|local`.
void add_consistency(CLI::App& app, consistency& into);
/// `--ttl DURATION`.
void add_ttl(CLI::App& app, std::chrono::milliseconds& into);

/// A command that only has sub-commands.
CLI::App& add_noun(CLI::App& app, const std::string& name, const std::string& description);
/// A verb of a resource: its name and everything in `call_arguments`.
CLI::App& add_verb(
    CLI::App& noun, const std::string& name, const std::string& description, call_arguments& a);

/// Runs `body` with a session when `verb` is called. `arguments` lives as long as `verb`.
template <class Arguments>
void on_call(
    CLI::App& verb,
    const std::shared_ptr<Arguments>& arguments,
    int& exit_code,
    std::function<int(const client&, const Arguments&)> body) {
  verb.callback([arguments, &exit_code, body = std::move(body)] {
    exit_code = with_client(*arguments, [&](const client& c) { return body(c, *arguments); });
  });
}

}  // namespace atomix::tools
