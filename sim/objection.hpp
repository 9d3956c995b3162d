// SPDX-License-Identifier: Apache-2.0
/// \file What those who judge a history have against it.
#pragma once

#include "sim/history.hpp"

#include <cstddef>
#include <optional>
#include <string>

namespace atomix::sim {

struct objection {
  /// linearizability, session, events, machines, specification, promptness, deadlines or log time
  std::string check;
  std::string sentence;
  std::string client;
  std::optional<std::size_t> call;  ///< position in `history::calls`
};

/// `reason` goes on where "a command to n, called at 1 s, told index 7 at 2 s:" ends.
[[nodiscard]] objection objection_to_call(
    const history& book, std::string check, std::size_t position, const std::string& reason);

}  // namespace atomix::sim
