// SPDX-License-Identifier: Apache-2.0
/// \file Where the clients of a workload are: machines of the simulated cluster, or this process.
#pragma once

#include "actors/session.hpp"
#include "sim/world.hpp"

#include <cstddef>
#include <memory>
#include <string>

namespace atomix::sim {

class client_machines {
 public:
  client_machines() = default;
  client_machines(const client_machines&) = delete;
  client_machines& operator=(const client_machines&) = delete;
  virtual ~client_machines() = default;

  [[nodiscard]] virtual std::size_t clients() const = 0;
  /// A new session of client `i`; an earlier one is forgotten by the caller.
  [[nodiscard]] virtual std::shared_ptr<actors::session> open_session(std::size_t client) = 0;
  [[nodiscard]] virtual process_id process_of_client(std::size_t client) const = 0;
  [[nodiscard]] virtual const std::string& name_of_client(std::size_t client) const = 0;
  /// It stands still, or did a moment ago: it may believe in a session that is over.
  [[nodiscard]] virtual bool is_behind(std::size_t /*client*/) const { return false; }
};

}  // namespace atomix::sim
