// SPDX-License-Identifier: Apache-2.0
/// \file Plans as a RapidCheck generator, which shrink as ours do. Needs RapidCheck; the library
/// does not.
///
///     rc::check("a bank keeps its money", [] {
///       const auto plan = *atomix::testing::plans(bank);
///       const auto r = atomix::testing::run(bank, plan);
///       if (!r.ok()) RC_FAIL(r.text());
///     });
#pragma once

#include "sim/testing/testing.hpp"

#include <rapidcheck.h>

#include <utility>

namespace atomix::testing {

/// Plans within `how`, whose `seed` and `runs` do not count: RapidCheck has seeds of its own
/// (RC_PARAMS="seed=..."). At small sizes runs are short.
[[nodiscard]] inline rc::Gen<plan> plans(experiment_maker what, options how = {}) {
  return [what = std::move(what), how = std::move(how)](const rc::Random& random, int size) {
    rc::Random chance = random;
    options drawn = how;
    drawn.seed = chance.next();
    drawn.time = std::max<std::chrono::milliseconds>(
        std::chrono::milliseconds{500}, how.time * (size + 10) / (rc::kNominalSize + 10));
    return rc::shrinkable::shrinkRecur(draw_plan(what, drawn), [](const plan& failed) {
      return rc::seq::fromContainer(failed.smaller());
    });
  };
}

}  // namespace atomix::testing
