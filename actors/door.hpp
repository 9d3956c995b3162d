// SPDX-License-Identifier: Apache-2.0
/// \file Where accepted connections come in: the first frame says whether a node or a client is at
/// the other end, and from then on everything goes to the actor in charge.
#pragma once

#include "actors/messages.hpp"

#include <map>

namespace atomix::actors {

class door final : public net::connection_handler {
 public:
  door(peers_actor peers, gateway_actor gateway, net::transport& network);

  void opened(net::connection_id connection, const std::string& remote) override;
  void received(net::connection_id connection, std::vector<net::frame> frames) override;
  void closed(net::connection_id connection, const absl::Status& why) override;

 private:
  enum class side { unknown, peer, client };
  struct visitor {
    side who = side::unknown;
    std::string remote;
  };
  void introduce(net::connection_id connection, visitor& v, const net::frame& first);

  peers_actor peers_;
  gateway_actor gateway_;
  net::transport& network_;
  std::map<net::connection_id, visitor> visitors_;
};

}  // namespace atomix::actors
