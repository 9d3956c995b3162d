// SPDX-License-Identifier: Apache-2.0
/// \file A scenario and what it shows, as a file that needs no seed to be drawn from: what a
/// failure leaves behind, to be replayed, attached to a report, or kept as a test.
#pragma once

#include "sim/findings.hpp"
#include "sim/scenario.hpp"
#include "sim/subject.hpp"

#include <absl/status/statusor.h>

#include <string>
#include <string_view>

namespace atomix::sim {

struct repro {
  scenario what;
  std::string bug;       ///< planted, if any: a name of `bug_zoo`
  std::string check;     ///< the property that is violated; empty: none
  std::string sentence;  ///< how it was violated
};

/// JSON, one fault and one call a line.
[[nodiscard]] std::string to_json(const repro& r, const topic& about = catalog_topic());

/// `about` is what the scenario was drawn for: it names the programs.
/// Errors: invalid_argument, with the place and what is expected there.
[[nodiscard]] absl::StatusOr<repro> parse_repro(
    std::string_view text, const topic& about = catalog_topic());

/// A GoogleTest file that plays `r` and expects it to be clean: red today, green once the bug is
/// gone. A bug that was planted is not planted there: such a test is green. `name` is the test's.
[[nodiscard]] std::string to_test(const repro& r, const std::string& name);

}  // namespace atomix::sim
