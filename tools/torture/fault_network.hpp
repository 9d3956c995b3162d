// SPDX-License-Identifier: Apache-2.0
/// \file A network of loopback connections that fails on demand: in front of each member stands a
/// proxy whose address all others dial. Who dials is known by its hello, so every direction
/// between two hosts can be cut, slowed down or harmed by itself.
#pragma once

#include "net/address.hpp"

#include "raft/base/ids.hpp"

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace atomix::tools {

/// Members are the hosts from 0 on; the one after them is all clients.
using host = std::size_t;
using host_pair = std::pair<host, host>;  // from, to

/// What happens to bytes in one direction. Chances are of each piece that is read.
struct link_harm {
  std::chrono::milliseconds delay{0};
  std::uint32_t flipped_per_thousand = 0;  ///< a bit of it is wrong
  std::uint32_t broken_per_thousand = 0;   ///< the connection is reset instead
};

/// Which end of its connections is closed, while the other is told nothing and hears nothing.
enum class lost_end : std::uint8_t { near_member, far_from_member };

struct network_counts {
  std::uint64_t connections = 0;
  std::uint64_t bytes = 0;
  std::uint64_t resets = 0;
  std::uint64_t flips = 0;
};

/// Runs on a thread of its own; thread-safe. What is cut loses nothing, as with TCP: bytes wait,
/// connections are accepted and lead nowhere, until the cut ends or somebody gives up.
class fault_network {
 public:
  /// Takes a free address of 127.0.0.1 for each member.
  [[nodiscard]] static absl::StatusOr<std::unique_ptr<fault_network>> start(
      const std::vector<std::string>& members, std::uint64_t seed);
  fault_network(const fault_network&) = delete;
  fault_network& operator=(const fault_network&) = delete;
  ~fault_network();

  /// Where each member is to be dialled.
  [[nodiscard]] const std::vector<net::address>& fronts() const;
  /// Where each listens in truth. Connections wait until this is known.
  void lead_to(std::vector<net::address> members);

  /// Blocks count: a direction is open when nobody blocks it any more.
  void block(std::vector<host_pair> pairs);
  void unblock(std::vector<host_pair> pairs);
  void harm(std::vector<host_pair> pairs, link_harm how);
  /// Resets all connections between the two of each pair.
  void reset(std::vector<host_pair> pairs);
  /// What the other end sends is swallowed for so long, then answered with a reset.
  void lose_end(host member, lost_end which, std::chrono::milliseconds silence);
  /// Nothing is cut or harmed any more; connections that lost an end are reset.
  void heal();
  [[nodiscard]] network_counts counts() const;

 private:
  struct parts;
  explicit fault_network(std::unique_ptr<parts> p);
  std::unique_ptr<parts> parts_;
};

}  // namespace atomix::tools
