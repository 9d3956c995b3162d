// SPDX-License-Identifier: Apache-2.0
#include "tools/torture/member_logs.hpp"

#include "raft/storage/log.hpp"
#include "raft/storage/posix_file_system.hpp"

#include <absl/strings/str_cat.h>

#include <utility>

namespace atomix::tools {

absl::StatusOr<std::vector<raft::entry>> read_log(
    const std::string& directory, const std::string& member) {
  const auto files = raft::posix_file_system();
  raft::log_options options;
  options.directory = directory;
  options.cluster = "atomix";
  options.node = member;
  options.segment_bytes = 1U << 20U;
  raft::opened_log found;
  const auto opened = raft::log::open(*files, options, found);
  if (!opened.ok()) return opened.status();
  return std::move(found.recovered.entries);
}

absl::StatusOr<std::vector<sim::committed_entry>> committed_part(
    const std::vector<std::vector<raft::entry>>& logs, std::uint64_t committed) {
  for (std::size_t i = 0; i < logs.size(); ++i) {
    if (!logs[i].empty() && logs[i].front().id.index != index_t{1}) {
      return absl::FailedPreconditionError(absl::StrCat(
          "the log of n", i + 1, " begins at index ", logs[i].front().id.index.value()));
    }
    if (logs[i].size() < committed) {
      return absl::DataLossError(absl::StrCat(
          "the log of n",
          i + 1,
          " ends at ",
          logs[i].size(),
          ", but ",
          committed,
          " entries were committed and this member had them"));
    }
  }
  std::vector<sim::committed_entry> agreed;
  for (std::uint64_t place = 0; place < committed; ++place) {
    const raft::entry& first = logs.front()[place];
    for (std::size_t i = 1; i < logs.size(); ++i) {
      if (logs[i][place] == first) continue;
      return absl::DataLossError(absl::StrCat(
          "n1 and n",
          i + 1,
          " committed different entries at index ",
          place + 1,
          ", of terms ",
          first.id.term.value(),
          " and ",
          logs[i][place].id.term.value()));
    }
    agreed.push_back({first, 0});
  }
  return agreed;
}

}  // namespace atomix::tools
