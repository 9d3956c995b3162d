// SPDX-License-Identifier: Apache-2.0
#include "raft/base/probe.hpp"

#ifdef ATOMIX_SIMULATION

#include <utility>

namespace atomix {
namespace {
thread_local probe_counts present{};
}  // namespace

void sometimes(probe what) {
  ++present[static_cast<std::size_t>(what)];
}

probe_counts take_probes() {
  return std::exchange(present, {});
}

uncounted::uncounted() : before_(present) {}
uncounted::~uncounted() {
  present = before_;
}

}  // namespace atomix

#endif
