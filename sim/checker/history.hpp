// SPDX-License-Identifier: Apache-2.0
/// \file What clients asked and were told, and in which order: the input of the checker.
#pragma once

#include "sim/checker/value.hpp"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

namespace atomix::checker {

/// What the client knows about its call at the end.
enum class certainty : std::uint8_t {
  ok,       ///< it happened, with this result
  failed,   ///< it did not happen (but see `history::failed_cas_observes`)
  unknown,  ///< it may have happened, or may yet, or never will: timed out, crashed
};

/// One call. Times are only for people; what came before what is told by the positions.
struct operation {
  static constexpr std::size_t never = std::numeric_limits<std::size_t>::max();
  static constexpr std::int64_t no_time = std::numeric_limits<std::int64_t>::min();

  value process;             ///< one call at a time each; a number or a word
  std::string f;             ///< what was asked: "read", "write", ...
  std::optional<value> key;  ///< which of many independent objects, if there are many
  value argument;
  value result;
  certainty known = certainty::unknown;
  std::size_t call = 0;     ///< position of the call among all calls and returns
  std::size_t ret = never;  ///< position of the return; `never` if `known` is unknown
  std::int64_t call_time_ns = no_time;
  std::int64_t return_time_ns = no_time;
  std::size_t call_line = 0;  ///< in the text that told of no times; 0: none of its own
  std::size_t return_line = 0;
  std::uint64_t index = 0;  ///< place in the replicated log, if the client was told; else 0
  std::string model;        ///< that it says it is to be checked by; empty: says nothing

  bool operator==(const operation&) const = default;
};

/// What the result nil of a read means.
enum class nil_result : std::uint8_t {
  observed,    ///< the object held nil, or nothing
  unobserved,  ///< the client did not tell what it saw; the read fits anything
};

struct history {
  std::string source;                 ///< where it is from, for messages
  std::vector<operation> operations;  ///< by `call`
  nil_result nil = nil_result::observed;
  /// A failed compare-and-set saw a value other than the one it expected. Otherwise failed
  /// operations say nothing.
  bool failed_cas_observes = false;

  /// Requires: `op` is one of `operations`.
  [[nodiscard]] std::size_t number_of(const operation& op) const {
    return static_cast<std::size_t>(&op - operations.data());
  }
};

/// Builds a history from events in the order in which they happened.
class recorder {
 public:
  /// Returns the number of the operation, for `end`.
  std::size_t begin(operation op);
  /// Requires: `known` is ok or failed. Whoever never returns is left alone.
  operation& end(std::size_t number, certainty known, value result);
  [[nodiscard]] std::size_t position() const { return position_; }
  [[nodiscard]] history& present() { return history_; }
  [[nodiscard]] history take() { return std::move(history_); }

 private:
  history history_;
  std::size_t position_ = 0;
};

/// "read by process 2 that returned 1 (12.901 s to 12.950 s)".
[[nodiscard]] std::string describe(const operation& op);
/// The operation alone, as short as can be: `read -> 1`, `cas [1 2]`.
[[nodiscard]] std::string short_text(const operation& op);
/// When the call was: "12.901 s"; "line 17" if no time was noted; "event 17" if nothing was.
[[nodiscard]] std::string called_at(const operation& op);

}  // namespace atomix::checker
