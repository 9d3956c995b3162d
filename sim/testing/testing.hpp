// SPDX-License-Identifier: Apache-2.0
/// \file `atomix::testing`: the user's resource and the user's client program in the simulated
/// world, with our faults and the user's claims. The one header that users need.
///
///     testing::experiment bank() {
///       return testing::experiment{}.machine<bank::machine>().program("pay", pay);
///     }
///     TEST(bank, keeps_its_money) {
///       const auto r = atomix::testing::check(bank, {.runs = 200});
///       ASSERT_TRUE(r.ok()) << r;
///     }
///
/// Every run is checked for what `docs/simulator.md` names: that replicas agree, that every answer
/// is the one which the committed log gives at its place (so histories are linearizable, with the
/// machine as its own model), that events come in order, that the cluster recovers.
#pragma once

#include "sim/testing/client.hpp"
#include "sim/testing/experiment.hpp"
#include "sim/testing/plan.hpp"
#include "sim/testing/result.hpp"
#include "sim/testing/task.hpp"

#include <cstdint>
#include <string_view>

namespace atomix::testing {

/// Runs one seed after the other, until one fails; that one is made small. The first is played
/// twice: if both are not the same to the last step, something of the user's is not deterministic,
/// and that is a finding.
///
/// The environment decides first: ATOMIX_SEED=N runs only that seed, ATOMIX_REPLAY=FILE only what a
/// failure left behind, ATOMIX_RUNS=N another number of them; ATOMIX_TRACE=FILE writes the trace of
/// that run there. ATOMIX_REPORT=DIR leaves a page to look at, and a history, of it or of a
/// failure.
///
/// Requires: `what` gives the same experiment every time. Options within their ranges; else the
/// result says which is not.
[[nodiscard]] result check(const experiment_maker& what, const options& how = {});

/// One run of the plan that a seed draws, or of this one. Nothing is made small, no variable read.
[[nodiscard]] result run(const experiment_maker& what, const options& how);
[[nodiscard]] result run(const experiment_maker& what, const plan& how);
/// Plays what `result::repro` holds: a failure of old, kept as a test.
[[nodiscard]] result replay(const experiment_maker& what, std::string_view repro);

/// The plan that `how.seed` draws.
[[nodiscard]] plan draw_plan(const experiment_maker& what, const options& how);

}  // namespace atomix::testing
