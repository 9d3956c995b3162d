// SPDX-License-Identifier: Apache-2.0
/// \file Connections between the nodes of a cluster. Each node dials every other and sends on the
/// connection it dialled; what comes in on accepted ones is handed to the node, a batch per read.
///
///   down --redial--> dialling --opened--> up --closed--> down (and the node hears `peer_down`)
#pragma once

#include "actors/interfaces.hpp"
#include "actors/replica_actors.hpp"
#include "actors/world.hpp"

#include "raft/base/prng.hpp"

#include <functional>
#include <map>
#include <memory>
#include <string>

namespace atomix::actors {

/// Ends a connection to which nothing more is to be said than what was sent.
using closing = std::function<void(net::connection_id)>;

/// Turns what a transport says into messages to the peers actor.
class peer_handler final : public net::connection_handler {
 public:
  explicit peer_handler(peers_actor to) : to_(std::move(to)) {}
  void opened(net::connection_id c, const std::string& remote) override {
    caf::anon_send(to_, connection_opened{c, remote});
  }
  void received(net::connection_id c, std::vector<net::frame> frames) override {
    caf::anon_send(to_, inbound{c, std::move(frames)});
  }
  void closed(net::connection_id c, const absl::Status& why) override {
    caf::anon_send(to_, connection_closed{c, why});
  }

 private:
  peers_actor to_;
};

struct peer_link {
  member who;
  net::connection_id dialled;  // none while down
  bool up = false;
  unsigned attempts = 0;       // since the last success
  std::string last_complaint;  // said once, not at every attempt
};

struct peers_state {
  static constexpr const char* name = "peers";

  colleagues others;
  world outside;
  replica_setup setup;
  closing hang_up;  // on accepted connections
  node_id self_id;
  prng random{0};
  std::unique_ptr<net::connection_handler> handler;
  std::map<node_id, peer_link> links;
  std::map<net::connection_id, node_id> by_dialled;
  std::map<net::connection_id, node_id> accepted;

  peers_state() = default;
  peers_state(const peers_state&) = delete;
  peers_state& operator=(const peers_state&) = delete;
  /// Closes all connections: the transport must not call a handler that is gone.
  ~peers_state();
};

peers_actor::behavior_type peers(
    peers_actor::stateful_pointer<peers_state> self,
    const world& outside,
    const replica_setup& setup,
    const closing& hang_up);

/// Encodes why a connection is refused, as a frame.
[[nodiscard]] std::string refusal_frame(const absl::Status& why);

}  // namespace atomix::actors
