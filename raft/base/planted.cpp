// SPDX-License-Identifier: Apache-2.0
#include "raft/base/planted.hpp"

#ifdef ATOMIX_SIMULATION

namespace atomix {
namespace {
bug present = bug::none;
}  // namespace

void plant(bug b) {
  present = b;
}

bool planted(bug b) {
  return present == b;
}

}  // namespace atomix

#endif
