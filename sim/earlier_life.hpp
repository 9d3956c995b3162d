// SPDX-License-Identifier: Apache-2.0
/// \file What a cluster went through before the run: its terms and its time do not begin at nought.
#pragma once

#include "sim/disk.hpp"

#include "raft/base/prng.hpp"
#include "raft/storage/log.hpp"

#include <cstdint>

namespace atomix::sim {

struct earlier_life {
  std::uint64_t term = 0;     ///< the last one that there was; 0: it is a new cluster
  std::uint64_t time_ms = 0;  ///< log time at its end

  /// Numbers of any length that a cluster may live to see: 10^14 terms, 70 years.
  [[nodiscard]] static earlier_life draw(prng chance);
  /// Leaves behind what a replica has of it: one entry, which all of them hold. Nothing if there
  /// was none.
  void leave_on(disk& media, const raft::log_options& log) const;
};

}  // namespace atomix::sim
