// SPDX-License-Identifier: Apache-2.0
/// \file The history of locks: acquisitions end with an event, and sessions let go when they end.
#pragma once

#include "sim/history.hpp"

#include <string>

namespace atomix::tools {

/// A process is a session, for that is what holds a lock. One that ended may release, from then on.
[[nodiscard]] std::string lock_history(const sim::history& book);

}  // namespace atomix::tools
