// SPDX-License-Identifier: Apache-2.0
#include "sim/media_audit.hpp"

#include "raft/base/probe.hpp"
#include "raft/storage/identity.hpp"

#include <absl/strings/str_cat.h>

#include <algorithm>

namespace atomix::sim {
namespace {

bool holds(const raft::recovered_state& kept, const raft::entry_id& id) {
  const std::uint64_t index = id.index.value();
  return index == 0 || (index <= kept.entries.size() && kept.entries[index - 1].id == id);
}

bool same(const raft::entry& one, const raft::entry& other) {
  return one.id == other.id && one.kind == other.kind && one.time == other.time
         && one.data.view() == other.data.view();
}

}  // namespace

absl::StatusOr<raft::scanned_log> recover_copy(const disk& d, const damage* harm) {
  const uncounted audit;
  const auto copy = d.copy_of_media();
  if (harm != nullptr) harm->mend(*copy);
  const std::string directory = data_directory;
  auto names = copy->list(directory);
  if (!names.ok()) return raft::scanned_log{};  // never started
  auto last = raft::last_segment(directory, *names);
  if (!last.ok()) return last.status();
  auto owner = raft::read_identity(*copy, directory);
  if (!owner.ok()) return owner.status();
  if (!owner->has_value()) return raft::scanned_log{};  // nothing was promised yet
  return raft::scan_log(*copy, directory, (*owner)->uuid, *last);
}

absl::StatusOr<raft::scanned_log> media_audit::recover(const node& n) {
  auto log = recover_copy(*n.media, n.harm);
  if (!log.ok()) {
    findings_.add(
        "recovery", absl::StrCat("its media cannot be read: ", log.status().ToString()), n.name);
  }
  return log;
}

void media_audit::check_promises(node_id id, const raft::recovered_state& kept) {
  const std::string forgotten = given_.of(id).forgotten_by(
      kept.state, [&](const raft::entry_id& entry) { return holds(kept, entry); });
  if (forgotten.empty()) return;
  findings_.add(
      "promises are durable",
      absl::StrCat("its media do not hold ", forgotten),
      nodes_.at(id).name);
}

void media_audit::look_at(node_id id) {
  if (const auto log = recover(nodes_.at(id)); log.ok()) check_promises(id, log->recovered);
}

void media_audit::check(const raft::entry_id& last) {
  std::size_t holding = 0;
  std::string without;
  for (const auto& [id, n] : nodes_) {
    const auto log = recover(n);
    if (!log.ok()) return;
    check_promises(id, log->recovered);
    if (holds(log->recovered, last)) {
      ++holding;
    } else {
      absl::StrAppend(&without, without.empty() ? "" : ", ", n.name);
    }
  }
  check_majority(holding, last, without);
}

void media_audit::check_contents(const std::vector<committed_entry>& log) {
  std::vector<std::size_t> holding(log.size());
  for (const auto& [id, n] : nodes_) {
    const auto found = recover(n);
    if (!found.ok()) return;
    const auto& entries = found->recovered.entries;
    for (std::size_t i = 0; i < std::min(entries.size(), log.size()); ++i) {
      if (same(entries[i], log[i].entry)) ++holding[i];
    }
  }
  for (std::size_t i = 0; i < log.size() && findings_.empty(); ++i)
    check_majority(holding[i], log[i].entry.id, "the others");
}

void media_audit::check_majority(
    std::size_t holding, const raft::entry_id& what, const std::string& without) {
  if (holding > nodes_.size() / 2) return;
  findings_.add(
      "committed is durable",
      absl::StrCat(
          "term ",
          what.term.value(),
          " index ",
          what.index.value(),
          " is committed, and only ",
          holding,
          " media of ",
          nodes_.size(),
          " hold it"),
      without);
}

}  // namespace atomix::sim
