// SPDX-License-Identifier: Apache-2.0
/// \file One replicated resource on one replica: a machine behind a mailbox whose order is the
/// log's.
#pragma once

#include "actors/interfaces.hpp"

#include <memory>

namespace atomix::actors {

/// What a resource tells, and to whom.
struct resource_parts {
  std::uint64_t number = 0;
  applier_actor applier;
  gateway_actor gateway;
  bool hash_states = false;  ///< somebody compares replicas
};

struct resource_state {
  static constexpr const char* name = "resource";

  resource_parts parts;
  std::shared_ptr<resources::machine_host> host;
};

resource_actor::behavior_type resource(
    resource_actor::stateful_pointer<resource_state> self,
    const resource_parts& parts,
    const std::shared_ptr<resources::machine_host>& host);

}  // namespace atomix::actors
