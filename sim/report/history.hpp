// SPDX-License-Identifier: Apache-2.0
/// \file What clients saw, in Jepsen's words (EDN): for its checkers, and for ours.
#pragma once

#include "sim/report/record.hpp"
#include "sim/report/text_sink.hpp"

#include <cstddef>
#include <vector>

namespace atomix::sim {

/// One map a line, by time, `:index` counts lines:
///
///     {:process 3, :type :invoke, :f :acquire, :value nil, :time 12000, :index 0, :key "lock",
///      :model :lock}
///
/// Completions are `:ok`, `:fail` or `:info`; a call that never returned has none. Their value is
/// what was answered, or else what was asked, with an `:error` where there was one. `:key` tells
/// the object, `:model` what checks it (`atomix check`); `:log-index` is the place in the log.
/// Faults are operations of the process `:nemesis`. At one moment, completions of earlier calls
/// come first unless the record knows better.
void write_history(const run_record& record, text_sink& out);

/// A line about a call in such a history.
struct history_line {
  sim_time at = 0;
  std::size_t call = 0;  ///< position in `run_record::calls`
  bool completion = false;
};

/// Those of all calls, in the order in which the history has them.
[[nodiscard]] std::vector<history_line> history_lines(const run_record& record);
/// What such a line gives as its value: EDN.
[[nodiscard]] const std::string& value_of(const history_line& line, const call_bar& call);

/// `{:valid? false, :seed 42, ..., :checks {:election-safety {:valid? false, ...}}}`.
void write_results(const run_record& record, text_sink& out);

}  // namespace atomix::sim
