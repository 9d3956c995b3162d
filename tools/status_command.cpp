// SPDX-License-Identifier: Apache-2.0
// `atomix status`: asks every member, also those that only the others know of.
#include "actors/client.hpp"

#include <absl/strings/str_cat.h>

#include <future>
#include <map>

#include "tools/arguments.hpp"
#include "tools/commands.hpp"
#include "tools/quantities.hpp"

namespace atomix::tools {
namespace {

using answers = std::map<std::string, absl::StatusOr<member_status>>;

// Asks all `endpoints` at once, so that a dead one costs its time-out only once.
void ask(
    const std::vector<std::string>& endpoints, std::chrono::milliseconds patience, answers& into) {
  std::map<std::string, std::future<absl::StatusOr<member_status>>> pending;
  for (const std::string& endpoint : endpoints) {
    if (into.contains(endpoint)) continue;
    pending.emplace(endpoint, std::async(std::launch::async, [endpoint, patience] {
                      return client::status_of(endpoint, patience);
                    }));
  }
  for (auto& [endpoint, answer] : pending)
    into.emplace(endpoint, answer.get());
}

std::vector<std::string> members_named_in(const answers& given) {
  std::vector<std::string> found;
  for (const auto& [endpoint, answer] : given) {
    if (answer.ok()) {
      for (const member_status::peer& peer : answer->members)
        found.push_back(peer.address);
    }
  }
  return found;
}

const member_status* leader_in(const answers& given) {
  const member_status* found = nullptr;
  for (const auto& [endpoint, answer] : given) {
    if (answer.ok() && answer->role == "leader" && (found == nullptr || answer->term > found->term))
      found = &*answer;
  }
  return found;
}

// How far the member's log is behind the leader's, as the leader knows.
field::datum lag_of(const std::string& name, const member_status* leader) {
  if (leader == nullptr) return {};
  if (leader->name == name) return std::uint64_t{0};
  for (const member_status::peer& peer : leader->members)
    if (peer.name == name) return leader->last - std::min(leader->last, peer.match);
  return {};
}

const std::vector<std::string>& columns() {
  static const std::vector<std::string> names{
      "endpoint",
      "name",
      "role",
      "term",
      "leader",
      "commit",
      "applied",
      "last",
      "lag",
      "sessions",
      "resources",
      "version"};
  return names;
}

record line_of(const std::string& endpoint, const member_status& s, const member_status* leader) {
  const field::datum known_leader = s.leader.empty() ? field::datum{} : field::datum{s.leader};
  return {
      {"endpoint", endpoint},
      {"name", s.name},
      {"role", s.role},
      {"term", s.term},
      {"leader", known_leader},
      {"commit", s.commit},
      {"applied", s.applied},
      {"last", s.last},
      {"lag", lag_of(s.name, leader)},
      {"sessions", s.sessions},
      {"resources", s.resources},
      {"version", s.version}};
}

// The name by which others know the member, and why it did not answer.
record line_of_silent(
    const std::string& endpoint,
    const absl::Status& why,
    const answers& given,
    output_format format) {
  record line;
  for (const std::string& key : columns())
    line.push_back({key, {}});
  line[0].value = endpoint;
  line[2].value = std::string("unreachable");
  for (const auto& [asked, answer] : given) {
    if (answer.ok()) {
      for (const member_status::peer& peer : answer->members)
        if (peer.address == endpoint) line[1].value = peer.name;
    }
  }
  const std::string reason{why.message()};
  if (format == output_format::json) {
    line.push_back({"error", reason});
  } else {
    line.back().value = absl::StrCat("(", reason, ")");
  }
  return line;
}

int run(const call_arguments& a) {
  answers given;
  const std::vector<std::string> listed = split_list(a.servers);
  ask(listed, a.timeout, given);
  ask(members_named_in(given), a.timeout, given);
  const member_status* leader = leader_in(given);
  std::vector<record> lines;
  bool all_well = leader != nullptr;
  for (const auto& [endpoint, answer] : given) {
    lines.push_back(
        answer.ok() ? line_of(endpoint, *answer, leader)
                    : line_of_silent(endpoint, answer.status(), given, a.output));
    all_well = all_well && answer.ok();
  }
  print_table(a.output, columns(), lines);
  if (leader == nullptr)
    say("No member leads, as far as the members that answered know. A majority must be up.");
  return all_well ? exit_ok : exit_failed;
}

}  // namespace

void add_status_command(CLI::App& app, int& exit_code) {
  const auto a = std::make_shared<call_arguments>();
  a->timeout = std::chrono::milliseconds{2000};
  CLI::App* command = app.add_subcommand(
      "status", "Ask every member how it is; exit code 1 if one is silent or nobody leads");
  add_connect(*command, a->servers);
  add_duration(*command, "--timeout", a->timeout, "Wait this long for each member");
  add_output(*command, a->output);
  command->callback([a, &exit_code] { exit_code = run(*a); });
}

}  // namespace atomix::tools
