// SPDX-License-Identifier: Apache-2.0
/// \file The calls of a run as its report shows them: what clients asked of objects and when they
/// were answered, in the words of `sim/checker`, each at its place in the order of the log.
#pragma once

#include "sim/history.hpp"
#include "sim/operation_words.hpp"
#include "sim/report/record.hpp"
#include "sim/witness.hpp"

#include <vector>

namespace atomix::sim {

/// Fills `record.calls`. Requires: its lanes are there, replicas first, then the clients of `book`.
/// `places`: where each call of `book` took effect, and which sessions ended, as `judge` found.
/// A call that waited (for a lock, for an office) lasts until the event that ended its waiting.
/// What a session held when it ended is given back by calls that nobody made: `call_bar::implied`.
void record_calls(
    const history& book,
    const call_places& places,
    run_record& record,
    const more_words& more = {});

/// Marks calls as impossible. Requires: `record.calls` are those of the history that was judged.
void mark_calls(const std::vector<objection>& objections, run_record& record);

}  // namespace atomix::sim
