// SPDX-License-Identifier: Apache-2.0
/// \file How tests of disks open a log.
#pragma once

#include "raft/storage/log.hpp"

namespace atomix::sim {

inline raft::log_options options_of_log() {
  raft::log_options options;
  options.directory = "/data";
  options.cluster = "c";
  options.node = "n";
  options.fresh_uuid = "01234567-89ab-cdef-0123-456789abcdef";
  options.segment_bytes = 4U << 10U;
  return options;
}

}  // namespace atomix::sim
