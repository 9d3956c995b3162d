// SPDX-License-Identifier: Apache-2.0
/// \file What came out of a run, or of many.
#pragma once

#include "sim/testing/plan.hpp"

#include <chrono>
#include <cstdint>
#include <iosfwd>
#include <map>
#include <optional>
#include <string>

namespace atomix::testing {

struct finding {
  std::string claim;     ///< the claim, or the name of one of our own checks: "linearizability"
  std::string sentence;  ///< what was seen
  std::string where;     ///< replica or client
  std::chrono::nanoseconds at{0};
};

/// Sums over all runs.
struct tally {
  std::uint64_t calls = 0;  ///< commands and queries of handles
  std::uint64_t acknowledged = 0;
  std::uint64_t failed = 0;   ///< for sure
  std::uint64_t unknown = 0;  ///< may have happened
  std::uint64_t elections = 0;
  std::uint64_t restarts = 0;
  std::map<std::string, std::uint64_t> faults;  ///< how often each kind happened
  std::chrono::nanoseconds simulated{0};
};

/// `ASSERT_TRUE(result.ok()) << result;`
struct result {
  std::optional<finding> found;
  std::uint64_t runs = 0;
  std::uint64_t seed = 0;        ///< of the last run: the one that failed, if one did
  std::uint64_t trace_hash = 0;  ///< of that run: equal in every process and on every machine
  tally sums;
  // If one failed and was made small:
  std::optional<plan> smallest;
  std::optional<finding> shown;  ///< by `smallest`: the same claim
  std::string repro;             ///< for `replay`: needs no seed to be drawn from
  std::string repro_file;        ///< where it was written; empty: it was not
  /// The page to open in a browser, if ATOMIX_REPORT asked for one; or why there is none.
  std::string report = {};

  [[nodiscard]] bool ok() const { return !found.has_value(); }
  /// What was found, in how many calls and faults it shows, and how to see it again.
  [[nodiscard]] std::string text() const;
};

std::ostream& operator<<(std::ostream& out, const result& r);

}  // namespace atomix::testing
