// SPDX-License-Identifier: Apache-2.0
// The machines of clients.
#include "sim/cluster.hpp"
#include "sim/recorder.hpp"

#include <absl/strings/str_cat.h>

#include <utility>

namespace atomix::sim {

void cluster::add_client(std::size_t number) {
  auto added = std::make_unique<client_machine>();
  added->name = absl::StrCat("c", number + 1);
  added->host = network_.paths().add_host(added->name);
  added->chance = world_.chance_for("machine " + added->name);
  added->clock = draw_clock(*added);
  if (recorder* const record = world_.recording()) {
    record->add_lane(added->name, false);
    record->clock(added->host, added->clock, true);
  }
  added->life = std::make_unique<process>(world_, added->name, added->clock);
  added->port = network_.attach(added->host, added->life->id());
  added->surroundings.network = added->port.get();
  added->surroundings.log = log_of(added->life->id());
  clients_.push_back(std::move(added));
}

void cluster::pause_client(std::size_t client) {
  pause(*clients_[client]);
}

void cluster::unpause_client(std::size_t client) {
  unpause(*clients_[client]);
}

bool cluster::is_client_held_up(std::size_t client) const {
  return world_.is_held_up(clients_[client]->life->id());
}

session_id cluster::session_of(std::size_t client) const {
  const auto session = clients_[client]->newest.lock();
  return session == nullptr ? session_id{} : session->id();
}

bool cluster::is_newcomer(std::size_t client) const {
  const auto session = clients_[client]->newest.lock();
  return session != nullptr && session->state() == session_state::connecting;
}

std::shared_ptr<actors::session> cluster::open_session(std::size_t client) {
  client_machine& m = *clients_[client];
  m.surroundings.seed = m.chance.next();
  ++m.sessions;
  actors::session_options options;
  options.servers = servers_told(m.sessions == 1);
  options.cluster = cluster_name;
  options.timeout_ms = options_.session_timeout_ms;
  options.outstanding_max =
      std::min<std::uint64_t>(options.outstanding_max, options_.sessions.replies_max);
  options.outstanding_bytes_max = options_.calls_bytes_max;
  auto session = actors::start_session(m.life->system(), m.surroundings, options);
  m.newest = session;
  return session;
}

/// Who comes back knows them all.
std::vector<net::address> cluster::servers_told(bool comes_first) const {
  std::vector<net::address> all;
  std::vector<net::address> some;
  for (std::size_t i = 0; i < members_.size(); ++i) {
    all.push_back(members_[i].address);
    if (((options_.untold >> i) & 1U) == 0) some.push_back(members_[i].address);
  }
  return comes_first && !some.empty() ? some : all;
}

process_id cluster::process_of_client(std::size_t client) const {
  return clients_[client]->life->id();
}

const std::string& cluster::name_of_client(std::size_t client) const {
  return clients_[client]->name;
}

}  // namespace atomix::sim
