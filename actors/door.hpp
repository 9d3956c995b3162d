// SPDX-License-Identifier: Apache-2.0
/// \file Where accepted connections come in: the first frame says whether a node or a client is at
/// the other end, and from then on everything goes to the actor in charge.
#pragma once

#include "actors/interfaces.hpp"
#include "actors/world.hpp"

#include <cstddef>
#include <deque>
#include <map>

namespace atomix::actors {

class door final : public net::connection_handler {
 public:
  door(peers_actor peers, gateway_actor gateway, const world& outside);

  /// Ends a visit: lets what was sent to it leave, and tells nobody.
  void show_out(net::connection_id connection);
  /// Ends the visits of those who did not say who they are, and turns away whoever still comes.
  void shut();

  void opened(net::connection_id connection, const std::string& remote) override;
  void received(net::connection_id connection, std::vector<net::frame> frames) override;
  void closed(net::connection_id connection, const absl::Status& why) override;

 private:
  enum class side { unknown, peer, client };
  struct visitor {
    side who = side::unknown;
    std::string remote;
  };
  // Each holds a descriptor. Who means well speaks at once: so many are not waited for together.
  static constexpr std::size_t silent_max = 256;

  void show_out_the_first();
  void complain(const visitor& v, const absl::Status& why) const;
  void introduce(net::connection_id connection, visitor& v, const net::frame& first);

  peers_actor peers_;
  gateway_actor gateway_;
  world outside_;
  bool shut_ = false;
  std::map<net::connection_id, visitor> visitors_;
  std::deque<net::connection_id> silent_;  // those of unknown side, in the order of coming
};

}  // namespace atomix::actors
