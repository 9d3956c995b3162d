// SPDX-License-Identifier: Apache-2.0
/// \file Printing events as they come, until somebody has seen enough.
#pragma once

#include "resources/subscription.hpp"

#include <cstdint>
#include <functional>

#include "tools/call.hpp"

namespace atomix::tools {

struct follow_arguments : call_arguments {
  std::uint64_t count = 0;  ///< ends after this many events; 0: only by a signal
};

/// Takes the lines; may be called from any thread.
using line_sink = std::function<void(const record&)>;

/// Opens a session, subscribes and prints until a signal comes (exit code 0), enough was printed
/// (0) or the session is over (1). Call it before the process has threads.
[[nodiscard]] int follow(
    const follow_arguments& a,
    const std::function<subscription(const client&, const line_sink&)>& subscribe);

}  // namespace atomix::tools
