// SPDX-License-Identifier: Apache-2.0
#include "actors/door.hpp"

#include "actors/peers.hpp"

#include <utility>

namespace atomix::actors {

door::door(peers_actor peers, gateway_actor gateway, net::transport& network)
    : peers_(std::move(peers)), gateway_(std::move(gateway)), network_(network) {}

void door::opened(net::connection_id connection, const std::string& remote) {
  visitors_[connection].remote = remote;
}

void door::introduce(net::connection_id connection, visitor& v, const net::frame& first) {
  if (first.type == net::frame_type::peer_hello) {
    v.who = side::peer;
  } else if (first.type == net::frame_type::client_hello) {
    v.who = side::client;
    caf::anon_send(gateway_, connection_opened{connection, v.remote});
  } else {
    network_.send(connection, refusal_frame(absl::InvalidArgumentError("a hello must come first")));
    network_.close(connection);
    visitors_.erase(connection);
  }
}

void door::received(net::connection_id connection, std::vector<net::frame> frames) {
  const auto i = visitors_.find(connection);
  if (i == visitors_.end() || frames.empty()) return;
  if (i->second.who == side::unknown) introduce(connection, i->second, frames.front());
  // `introduce` may have shown the visitor out.
  const auto v = visitors_.find(connection);
  if (v == visitors_.end()) return;
  if (v->second.who == side::peer)
    caf::anon_send(peers_, inbound{connection, std::move(frames)});
  else
    caf::anon_send(gateway_, inbound{connection, std::move(frames)});
}

void door::closed(net::connection_id connection, const absl::Status& why) {
  const auto i = visitors_.find(connection);
  if (i == visitors_.end()) return;
  const auto who = i->second.who;
  visitors_.erase(i);
  if (who == side::peer) caf::anon_send(peers_, connection_closed{connection, why});
  if (who == side::client) caf::anon_send(gateway_, connection_closed{connection, why});
}

}  // namespace atomix::actors
