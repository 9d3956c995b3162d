// SPDX-License-Identifier: Apache-2.0
/// \file Is a history linearizable? The one header that users of the checker need.
///
///     const auto m = *checker::make_model("cas-register");
///     const checker::history h = *checker::read_history(text, "history.edn");
///     const auto report = checker::check(h, *m);
///     if (report->answer == checker::verdict::invalid) std::cerr << report->explanation();
#pragma once

#include "sim/checker/history.hpp"
#include "sim/checker/model.hpp"
#include "sim/checker/search.hpp"

#include <absl/status/statusor.h>

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace atomix::checker {

/// What was found out about one independent part of a history. Numbers are those of operations in
/// the history.
struct part_report {
  std::optional<value> key;
  verdict answer = verdict::unknown;
  std::size_t operations = 0;
  std::size_t configurations = 0;  ///< that the search met; 0 if a screen was enough
  /// An order that explains all results; if there is none, the longest beginning of one that the
  /// search met.
  std::vector<std::size_t> order;
  /// If invalid: the operation that cannot be explained, one sentence that says why, what else it
  /// speaks of, and what else was open then.
  std::optional<std::size_t> failing;
  std::string explanation;
  std::vector<std::size_t> named;
  std::vector<std::size_t> concurrent;
};

struct check_report {
  verdict answer = verdict::valid;  ///< invalid if a part is, else unknown if a part is
  std::size_t configurations = 0;
  std::vector<part_report> parts;

  /// The first part with that answer; null if there is none.
  [[nodiscard]] const part_report* first(verdict wanted) const;
  /// Of the first invalid part; empty if there is none.
  [[nodiscard]] std::string explanation() const;
};

/// Checks whether the operations took effect one at a time, each between its call and its return,
/// with the results that the model gives. Deterministic.
///
/// Errors: invalid_argument if the model does not know an operation of the history.
/// Cost:   screens are about linear; the search is exponential in the number of operations that
///         overlap, in the worst case. If a limit is reached the answer is unknown, never valid.
/// Source: docs/checker.md.
[[nodiscard]] absl::StatusOr<check_report> check(
    const history& h, model& m, const search_limits& limits = {});

}  // namespace atomix::checker
