// SPDX-License-Identifier: Apache-2.0
/// \file What becomes of a failing run: it is made small, and written down as a scenario to replay
/// and as a test.
#pragma once

#include "sim/run.hpp"

#include <string>

namespace atomix::tools {

/// Shrinks with progress on standard error, for at most a minute; writes `seed-N.json` and
/// `seed-N_test.cpp` into `directory` and says so on standard output. Returns whether both could be
/// written; if not, standard error says why.
bool make_small(
    const sim::run_report& failed, const sim::run_options& options, const std::string& directory);

}  // namespace atomix::tools
