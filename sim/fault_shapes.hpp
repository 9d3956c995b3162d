// SPDX-License-Identifier: Apache-2.0
/// \file Which pairs of hosts a partition of some shape cuts apart.
#pragma once

#include "sim/fault_plan.hpp"
#include "sim/links.hpp"

#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

namespace atomix::sim {

/// Replicas are the hosts from 0 on, clients come after them.
struct host_counts {
  std::size_t replicas = 0;
  std::size_t clients = 0;
  [[nodiscard]] std::size_t all() const { return replicas + clients; }
};

/// From, to.
using host_pairs = std::vector<std::pair<host_id, host_id>>;

/// What the partition `f` blocks; `leader` is a replica that leads now, if one is known. Nothing if
/// the fault is no partition, or its shape cuts nobody off.
[[nodiscard]] host_pairs blocked_by(
    const fault& f, const host_counts& hosts, std::optional<host_id> leader);
/// All that `one` sends and hears.
[[nodiscard]] host_pairs pairs_around(host_id one, const host_counts& hosts);
[[nodiscard]] host_pairs all_pairs(const host_counts& hosts);
/// The host that is in all of them, if there is one.
[[nodiscard]] std::optional<host_id> common_host(const host_pairs& pairs);

}  // namespace atomix::sim
