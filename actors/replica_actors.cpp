// SPDX-License-Identifier: Apache-2.0
#include "actors/replica_actors.hpp"

#include "actors/applier.hpp"
#include "actors/door.hpp"
#include "actors/gateway.hpp"
#include "actors/log_writer.hpp"
#include "actors/node.hpp"
#include "actors/peers.hpp"

#include <absl/strings/str_cat.h>
#include <absl/strings/str_format.h>

#include <map>
#include <utility>

namespace atomix::actors {
namespace {

absl::Status check(const replica_setup& setup) {
  if (setup.members.empty()) return absl::InvalidArgumentError("the list of members is empty");
  std::map<node_id, std::string> ids;
  bool listed = false;
  for (const auto& m : setup.members) {
    listed = listed || m.name == setup.name;
    const auto [i, fresh] = ids.emplace(id_of(m.name), m.name);
    if (!fresh) {
      return absl::InvalidArgumentError(absl::StrCat(
          "members '", i->second, "' and '", m.name, "' have the same id: rename one of them"));
    }
  }
  if (listed) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("'", setup.name, "' is not in the list of members: it must name itself there"));
}

std::string fresh_uuid(std::uint64_t seed) {
  prng random{seed ^ 0x75756964ULL};
  const auto a = random.next();
  const auto b = random.next();
  // Version 4, variant 1 (RFC 4122).
  return absl::StrFormat(
      "%08x-%04x-4%03x-%04x-%012x",
      a >> 32U,
      (a >> 16U) & 0xffffU,
      a & 0xfffU,
      0x8000U | (b >> 50U),
      b & 0xffffffffffffULL);
}

raft::options core_options(const world& outside, const replica_setup& setup) {
  auto options = setup.timing;
  options.self = id_of(setup.name);
  options.initial = {};
  for (const auto& m : setup.members)
    options.initial.voters.insert(id_of(m.name));
  options.seed = outside.seed ^ options.self.value();
  return options;
}

std::string name_of(const replica_setup& setup, node_id id) {
  for (const auto& m : setup.members)
    if (id_of(m.name) == id) return m.name;
  return "nobody";
}

class assembled final : public replica_actors {
 public:
  assembled(const world& outside, const replica_setup& setup) : outside_(outside), setup_(setup) {}

  absl::Status start(caf::actor_system& system);
  [[nodiscard]] net::address listening_on() const override { return listening_on_; }
  [[nodiscard]] const replica_view& view() const override { return *view_; }
  void give_up(const absl::Status& why);
  void stop() override {
    if (door_) door_->shut();
    const auto bye = caf::exit_reason::user_shutdown;
    caf::anon_send_exit(all_.gateway, bye);
    caf::anon_send_exit(all_.peers, bye);
    caf::anon_send_exit(all_.node, bye);
    caf::anon_send_exit(all_.applier, bye);
    caf::anon_send_exit(all_.log_writer, bye);
    all_ = {};
  }

 private:
  void say(severity level, const std::string& sentence) const {
    if (outside_.log) outside_.log(level, sentence);
  }
  node_parts parts_of_node();

  world outside_;
  replica_setup setup_;
  std::shared_ptr<replica_view> view_ = std::make_shared<replica_view>();
  colleagues all_;
  std::unique_ptr<door> door_;
  net::address listening_on_;
};

// A replica that cannot write is of no use to anybody: it says so and leaves, so that the others
// and the clients go on without it.
void assembled::give_up(const absl::Status& why) {
  say(severity::error,
      absl::StrCat(
          "the log cannot be read or written: ",
          std::string(why.message()),
          ". This replica stops; nothing it has promised is lost. Start it again once the cause is "
          "removed."));
  view_->raft.role = raft::role_name::follower;
  view_->raft.leader = {};
  stop();
  if (setup_.on_failure) setup_.on_failure(why);
}

node_parts assembled::parts_of_node() {
  node_parts parts;
  parts.options = core_options(outside_, setup_);
  parts.observer = outside_.observer;
  parts.view = view_;
  parts.on_failure = [this](const absl::Status& why) {
    give_up(why);
  };
  parts.on_leadership = [log = outside_.log, setup = setup_](const raft::status& s) {
    if (!log) return;
    const auto role = raft::to_string(s.role);
    log(severity::info,
        absl::StrCat(
            "term ",
            s.state.term.value(),
            ": leader is ",
            name_of(setup, s.leader),
            " (",
            setup.name,
            " is ",
            std::string(role),
            ")."));
  };
  return parts;
}

absl::Status assembled::start(caf::actor_system& system) {
  if (auto ok = check(setup_); !ok.ok()) return ok;
  raft::log_options options;
  options.directory = setup_.directory;
  options.cluster = setup_.cluster;
  options.node = setup_.name;
  options.fresh_uuid = fresh_uuid(outside_.seed);
  options.segment_bytes = setup_.segment_bytes;
  options.level = setup_.durability;
  raft::opened_log found;
  auto opened = raft::log::open(*outside_.files, options, found);
  if (!opened.ok()) return opened.status();
  for (const auto& note : found.notes)
    say(severity::warning, note);
  auto recovered = std::make_shared<raft::recovered_state>(std::move(found.recovered));
  std::shared_ptr<raft::log> log = std::move(*opened);

  const auto id = id_of(setup_.name);
  all_.log_writer =
      system.spawn(log_writer, outside_.disk, std::move(log), raft::prepare_distance(options));
  // Only a door that was made accepts connections.
  const auto hang_up = [this](net::connection_id connection) {
    door_->show_out(connection);
  };
  all_.peers = system.spawn(peers, outside_, setup_, hang_up);
  all_.gateway = system.spawn(gateway, outside_, setup_, hang_up);
  all_.applier = system.spawn(applier, outside_, id, setup_.registry, setup_.sessions);
  all_.node = system.spawn(node, parts_of_node(), std::move(recovered));
  door_ = std::make_unique<door>(all_.peers, all_.gateway, outside_);
  auto bound = outside_.network->listen(setup_.listen, *door_);
  if (!bound.ok()) {
    stop();
    return bound.status();
  }
  listening_on_ = *bound;
  caf::anon_send(all_.log_writer, all_);
  caf::anon_send(all_.peers, all_);
  caf::anon_send(all_.gateway, all_);
  caf::anon_send(all_.applier, all_);
  caf::anon_send(all_.node, all_);
  return absl::OkStatus();
}

}  // namespace

node_id id_of(std::string_view name) {
  std::uint64_t hash = 0xcbf29ce484222325ULL;  // FNV-1a: the same on every machine
  for (const char c : name)
    hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  return node_id{hash == 0 ? 1 : hash};
}

absl::StatusOr<std::unique_ptr<replica_actors>> replica_actors::start(
    caf::actor_system& system, const world& outside, const replica_setup& setup) {
  auto replica = std::make_unique<assembled>(outside, setup);
  if (auto ok = replica->start(system); !ok.ok()) return ok;
  return replica;
}

}  // namespace atomix::actors
