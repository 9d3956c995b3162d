// SPDX-License-Identifier: Apache-2.0
#include "sim/log_time.hpp"

#include <absl/strings/str_cat.h>

namespace atomix::sim {

std::optional<objection> check_log_time(const raft::entry& before, const raft::entry& e) {
  if (e.kind != raft::entry_kind::term_start || e.time == before.time) return std::nullopt;
  return objection{
      "log time",
      absl::StrCat(
          "term ",
          e.id.term.value(),
          " begins at ",
          e.time.value(),
          " ms, not at ",
          before.time.value(),
          " ms, where the one before it ended"),
      "replicas",
      {}};
}

}  // namespace atomix::sim
