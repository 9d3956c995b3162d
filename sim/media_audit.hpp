// SPDX-License-Identifier: Apache-2.0
/// \file Whether the media hold what must never be lost: what their nodes have promised, and, on a
/// majority, what is committed. Read by the real recovery, from a copy of each disk as a power cut
/// of all machines right now would leave it at the worst.
#pragma once

#include "sim/damage.hpp"
#include "sim/disk.hpp"
#include "sim/findings.hpp"
#include "sim/promises.hpp"
#include "sim/witness.hpp"

#include "raft/core/entry.hpp"
#include "raft/storage/recovery.hpp"

#include <absl/status/statusor.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace atomix::sim {

inline constexpr const char* data_directory = "/data";  ///< of each replica, on its own disk

/// What the next process would recover; if there were no `harm` (null: there is none). Errors:
/// those of `raft::scan_log`.
[[nodiscard]] absl::StatusOr<raft::scanned_log> recover_copy(const disk& d, const damage* harm);

class media_audit {
 public:
  media_audit(findings& f, const promises& given) : findings_(f), given_(given) {}

  void add_node(node_id id, std::string name, const disk& d) {
    nodes_[id] = {std::move(name), &d, nullptr};
  }
  /// Its media count as what they held: that it is lost for ever is what a majority survives. Null:
  /// they are whole.
  void set_damage(node_id id, const damage* harm) { nodes_[id].harm = harm; }

  /// Every node's promises; and a majority of media, whoever is down, hold the log up to `last`.
  void check(const raft::entry_id& last);
  /// The promises of one node.
  void look_at(node_id id);
  /// A majority holds each of these entries, byte by byte. Requires: it is all that was committed.
  void check_contents(const std::vector<committed_entry>& log);

 private:
  struct node {
    std::string name;
    const disk* media = nullptr;
    const damage* harm = nullptr;
  };

  /// None, and a finding, if it cannot be recovered.
  [[nodiscard]] absl::StatusOr<raft::scanned_log> recover(const node& n);
  void check_promises(node_id id, const raft::recovered_state& kept);
  void check_majority(std::size_t holding, const raft::entry_id& what, const std::string& without);

  findings& findings_;
  const promises& given_;
  std::map<node_id, node> nodes_;
};

}  // namespace atomix::sim
