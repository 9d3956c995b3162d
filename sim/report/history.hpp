// SPDX-License-Identifier: Apache-2.0
/// \file What clients saw, in Jepsen's words (EDN): for its checkers, and for ours.
#pragma once

#include "sim/report/record.hpp"
#include "sim/report/text_sink.hpp"

namespace atomix::sim {

/// One map a line, by time, `:index` counts lines:
///
///     {:process 3, :type :invoke, :f :acquire, :value nil, :time 12000, :index 0, :resource
///     "lock"}
///
/// Completions are `:ok`, `:fail` or `:info`; a call that never returned has none. At one moment,
/// completions of earlier calls come first: a client's next call starts when the last one returns.
void write_history(const run_record& record, text_sink& out);

/// `{:valid? false, :seed 42, ..., :checks {:election-safety {:valid? false, ...}}}`.
void write_results(const run_record& record, text_sink& out);

}  // namespace atomix::sim
