// SPDX-License-Identifier: Apache-2.0
#include "tools/arguments.hpp"

#include "net/address.hpp"

#include <map>
#include <utility>

#include "tools/quantities.hpp"

namespace atomix::tools {
namespace {

// The validator's answer is a complaint, empty if there is none.
template <class T>
std::string complaint_of(const absl::StatusOr<T>& parsed) {
  return parsed.ok() ? std::string{} : std::string(parsed.status().message());
}

}  // namespace

CLI::Option* add_duration(
    CLI::App& app,
    const std::string& flag,
    std::chrono::milliseconds& into,
    const std::string& description) {
  CLI::Option* option = app.add_option_function<std::string>(
      flag, [&into](const std::string& text) { into = parse_duration(text).value(); }, description);
  return option->type_name("DURATION")->default_str(to_text(into))->check([](const std::string& t) {
    return complaint_of(parse_duration(t));
  });
}

CLI::Option* add_size(
    CLI::App& app, const std::string& flag, std::uint64_t& into, const std::string& description) {
  CLI::Option* option = app.add_option_function<std::string>(
      flag, [&into](const std::string& text) { into = parse_size(text).value(); }, description);
  return option->type_name("SIZE")->default_str(size_text(into))->check([](const std::string& t) {
    return complaint_of(parse_size(t));
  });
}

void add_output(CLI::App& app, output_format& into) {
  static const std::map<std::string, output_format> names{
      {"table", output_format::table}, {"json", output_format::json}};
  app.add_option("-o,--output", into, "How to print: table or json")
      ->transform(CLI::CheckedTransformer(names).description(""))
      ->type_name("FORMAT")
      ->default_str("table");
}

CLI::Option* add_connect(CLI::App& app, std::string& into) {
  return app.add_option("--connect", into, "Members to ask, at least one: HOST:PORT,...")
      ->type_name("SERVERS")
      ->envname("ATOMIX_CONNECT")
      ->capture_default_str()
      ->check([](const std::string& text) { return complaint_of(net::parse_addresses(text)); });
}

void add_consistency(CLI::App& app, consistency& into) {
  static const std::map<std::string, consistency> names{
      {"atomic", consistency::atomic},
      {"sequential", consistency::sequential},
      {"local", consistency::local}};
  app.add_option("--consistency", into, "How fresh the answer is: atomic, sequential or local")
      ->transform(CLI::CheckedTransformer(names).description(""))
      ->type_name("LEVEL")
      ->default_str("atomic");
}

void add_ttl(CLI::App& app, std::chrono::milliseconds& into) {
  add_duration(app, "--ttl", into, "Ends by itself after this long; 0: never");
}

CLI::App& add_noun(CLI::App& app, const std::string& name, const std::string& description) {
  CLI::App* noun = app.add_subcommand(name, description);
  noun->require_subcommand(1);
  return *noun;
}

CLI::App& add_verb(
    CLI::App& noun, const std::string& name, const std::string& description, call_arguments& a) {
  CLI::App* verb = noun.add_subcommand(name, description);
  verb->add_option("NAME", a.name, "Name of the resource")->required()->check([](const auto& t) {
    return t.empty() ? std::string{"A name must not be empty."} : std::string{};
  });
  add_connect(*verb, a.servers);
  add_duration(*verb, "--timeout", a.timeout, "Give up after this long without an answer");
  add_output(*verb, a.output);
  verb->add_option("--cluster-name", a.cluster, "Refuse servers of any other cluster")
      ->type_name("NAME")
      ->envname("ATOMIX_CLUSTER_NAME");
  return *verb;
}

}  // namespace atomix::tools
