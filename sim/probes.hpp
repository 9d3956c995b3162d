// SPDX-License-Identifier: Apache-2.0
/// \file What the probes of `raft/base/probe.hpp` are called and mean.
#pragma once

#include "raft/base/probe.hpp"

#include <span>
#include <string_view>

namespace atomix::sim {

struct probe_entry {
  probe what{};
  std::string_view name;
  std::string_view sentence;
};

/// All, in the order of `probe`.
[[nodiscard]] std::span<const probe_entry> probe_table();

}  // namespace atomix::sim
