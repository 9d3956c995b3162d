// SPDX-License-Identifier: Apache-2.0
/// \file An experiment of the user's as the subject of a run.
#pragma once

#include "sim/subject.hpp"
#include "sim/testing/experiment.hpp"
#include "sim/testing/result.hpp"

#include <memory>

namespace atomix::testing {

/// Runs of it add up in `sums`, which outlives them.
[[nodiscard]] std::shared_ptr<const sim::topic> topic_of(
    const experiment_maker& make, const std::shared_ptr<tally>& sums);

}  // namespace atomix::testing
