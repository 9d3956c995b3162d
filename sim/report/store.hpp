// SPDX-License-Identifier: Apache-2.0
/// \file A run as a directory, laid out as Jepsen's store, so that its habits and tools apply:
///
///     DIR/NAME/STAMP/history.edn    one operation a line: invocations and completions
///     DIR/NAME/STAMP/results.edn    the verdict, by check
///     DIR/NAME/STAMP/timeline.html  the run as a picture, for a browser
///     DIR/NAME/STAMP/trace          what happened, a line each
///     DIR/NAME/STAMP/plan           the faults, as they were planned
///     DIR/NAME/STAMP/repro.json     the run cut down to what matters, if there is one
///     DIR/NAME/latest, DIR/latest   links to the newest
///
/// A function of the record: the same run gives the same bytes. Not safe against two writers of
/// one and the same STAMP.
#pragma once

#include "sim/report/record.hpp"

#include <absl/status/status.h>

#include <string>

namespace atomix::sim {

struct report_place {
  std::string directory;            ///< is made, with its parents
  std::string name = "atomix-sim";  ///< one part of a path; of the kind of runs
  std::string stamp = {};           ///< one part of a path; of the run; empty: "seed-SEED"
  /// Where the report of `record` ends up.
  [[nodiscard]] std::string path_of(const run_record& record) const;
};

/// Ensures:  on ok, all files are there, older ones of the same place are replaced, and both links
///           point at them. On failure the links are as they were.
/// Errors:   permission_denied, resource_exhausted (disk full), failed_precondition (something else
///           is in the way), unavailable (input/output error), invalid_argument (NAME or STAMP).
///           Each says what could not be done, where, why, and what helps.
[[nodiscard]] absl::Status write_report(const run_record& record, const report_place& place);

}  // namespace atomix::sim
