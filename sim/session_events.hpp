// SPDX-License-Identifier: Apache-2.0
/// \file Whether a session heard what it was to hear: the events that the log has for it, all of
/// them, in order, each before whatever was told later; and nothing that it does not ask for any
/// more.
#pragma once

#include "sim/history.hpp"
#include "sim/objection.hpp"
#include "sim/reference.hpp"
#include "sim/witness.hpp"

#include <vector>

namespace atomix::sim {

/// `due` is what the log has of the session that heard `heard`.
[[nodiscard]] std::vector<objection> judge_events(
    const history& book,
    const recorded_session& heard,
    const reference_session& due,
    const std::vector<committed_entry>& log,
    const circumstances& around);

}  // namespace atomix::sim
