// SPDX-License-Identifier: Apache-2.0
#include "tools/torture/fault_network.hpp"

#include "actors/replica_actors.hpp"

#include <absl/strings/str_cat.h>
#include <asio/executor_work_guard.hpp>
#include <asio/post.hpp>

#include <future>
#include <thread>

#include "tools/torture/proxied_connection.hpp"

namespace atomix::tools {

using asio::ip::tcp;

struct fault_network::parts {
  parts(std::size_t members, std::uint64_t seed) : paths(members + 1, seed) {}

  network_paths paths;
  std::vector<tcp::acceptor> doors;
  std::vector<net::address> fronts;
  std::vector<std::shared_ptr<proxied_connection>> connections;
  asio::executor_work_guard<asio::io_context::executor_type> work{paths.loop.get_executor()};
  std::thread thread;

  absl::Status open_door();
  void accept(host member);
  void take(host member, tcp::socket socket);
  void change(const std::function<void()>& what);
  void poke_all();

  template <class Task>
  void post(Task task) {
    asio::post(paths.loop, std::move(task));
  }
};

absl::Status fault_network::parts::open_door() {
  std::error_code error;
  tcp::acceptor door{paths.loop};
  door.open(tcp::v4(), error);
  if (!error) door.bind({asio::ip::address_v4::loopback(), 0}, error);
  if (!error) door.listen(asio::socket_base::max_listen_connections, error);
  if (error)
    return absl::UnavailableError(absl::StrCat("No free port on 127.0.0.1: ", error.message()));
  fronts.push_back({"127.0.0.1", door.local_endpoint().port()});
  doors.push_back(std::move(door));
  return absl::OkStatus();
}

void fault_network::parts::accept(host member) {
  doors[member].async_accept([this, member](const std::error_code& error, tcp::socket socket) {
    if (error == asio::error::operation_aborted) return;
    if (!error) take(member, std::move(socket));
    accept(member);
  });
}

void fault_network::parts::take(host member, tcp::socket socket) {
  std::erase_if(connections, [](const auto& c) { return c->is_over(); });
  connections.push_back(std::make_shared<proxied_connection>(paths, std::move(socket), member));
  connections.back()->start();
}

void fault_network::parts::poke_all() {
  // A connection may end meanwhile; none is added.
  for (const auto& c : connections)
    c->poke();
}

fault_network::fault_network(std::unique_ptr<parts> p) : parts_(std::move(p)) {}

absl::StatusOr<std::unique_ptr<fault_network>> fault_network::start(
    const std::vector<std::string>& members, std::uint64_t seed) {
  auto p = std::make_unique<parts>(members.size(), seed);
  for (const std::string& name : members) {
    p->paths.ids.push_back(actors::id_of(name));
    if (absl::Status opened = p->open_door(); !opened.ok()) return opened;
  }
  p->thread = std::thread{[&loop = p->paths.loop] {
    loop.run();
  }};
  return std::unique_ptr<fault_network>{new fault_network{std::move(p)}};
}

fault_network::~fault_network() {
  parts_->paths.loop.stop();
  parts_->thread.join();
}

const std::vector<net::address>& fault_network::fronts() const {
  return parts_->fronts;
}

void fault_network::lead_to(std::vector<net::address> members) {
  parts_->post([&p = *parts_, to = std::move(members)]() mutable {
    p.paths.members = std::move(to);
    for (host i = 0; i < p.doors.size(); ++i)
      p.accept(i);
  });
}

void fault_network::block(std::vector<host_pair> pairs) {
  parts_->post([&p = *parts_, all = std::move(pairs)] {
    for (const auto& [from, to] : all)
      ++p.paths.path(from, to).blocks;
  });
}

void fault_network::unblock(std::vector<host_pair> pairs) {
  parts_->post([&p = *parts_, all = std::move(pairs)] {
    for (const auto& [from, to] : all)
      --p.paths.path(from, to).blocks;
    p.poke_all();
  });
}

void fault_network::harm(std::vector<host_pair> pairs, link_harm how) {
  parts_->post([&p = *parts_, all = std::move(pairs), how] {
    for (const auto& [from, to] : all)
      p.paths.path(from, to).harm = how;
  });
}

void fault_network::reset(std::vector<host_pair> pairs) {
  parts_->post([&p = *parts_, all = std::move(pairs)] {
    for (const auto& c : p.connections) {
      for (const auto& [from, to] : all)
        if (c->joins(from, to)) c->reset();
    }
  });
}

void fault_network::lose_end(host member, lost_end which, std::chrono::milliseconds silence) {
  parts_->post([&p = *parts_, member, which, silence] {
    for (const auto& c : p.connections) {
      for (host other = 0; other <= p.doors.size(); ++other)
        if (other != member && c->joins(member, other)) c->lose_end(member, which, silence);
    }
  });
}

void fault_network::heal() {
  parts_->post([&p = *parts_] {
    for (auto& row : p.paths.all) {
      for (network_path& each : row)
        each = {};
    }
    for (const auto& c : p.connections)
      c->reset_if_half();
    p.poke_all();
  });
}

network_counts fault_network::counts() const {
  std::promise<network_counts> answer;
  parts_->post([&p = *parts_, &answer] { answer.set_value(p.paths.counts); });
  return answer.get_future().get();
}

}  // namespace atomix::tools
