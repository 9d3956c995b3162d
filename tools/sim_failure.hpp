// SPDX-License-Identifier: Apache-2.0
/// \file What becomes of a failing run: it is made small, and written down as a scenario to replay
/// and as a test.
#pragma once

#include "sim/run.hpp"
#include "sim/shrink.hpp"

#include "tools/sim_text.hpp"

namespace atomix::tools {

/// Shrinks with progress on standard error, for at most a minute; writes `seed_N.json` and
/// `seed_N_test.cpp` where the flags say, and says so on standard output (on standard error if one
/// could not be written).
sim::shrunk make_small(
    const sim::run_report& failed, const sim::run_options& options, const sim_flags& flags);

}  // namespace atomix::tools
