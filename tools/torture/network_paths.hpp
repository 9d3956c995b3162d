// SPDX-License-Identifier: Apache-2.0
/// \file What is true of each direction between two hosts at this moment, and what was counted.
#pragma once

#include "raft/base/prng.hpp"

#include <asio/io_context.hpp>

#include <vector>

#include "tools/torture/fault_network.hpp"

namespace atomix::tools {

struct network_path {
  int blocks = 0;
  link_harm harm;
};

/// Used by the network's thread only.
struct network_paths {
  network_paths(std::size_t hosts, std::uint64_t seed)
      : all(hosts, std::vector<network_path>(hosts)), chance(seed) {}

  [[nodiscard]] network_path& path(host from, host to) { return all[from][to]; }
  [[nodiscard]] bool is_open(host from, host to) const { return all[from][to].blocks == 0; }

  asio::io_context loop{1};
  std::vector<std::vector<network_path>> all;  // [from][to]
  std::vector<net::address> members;           // empty until known
  std::vector<node_id> ids;                    // of the members
  prng chance;
  network_counts counts;
};

}  // namespace atomix::tools
