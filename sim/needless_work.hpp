// SPDX-License-Identifier: Apache-2.0
/// \file What leaders do in vain: no answer is wrong for it, but under load it is what makes a
/// cluster fall over. A heartbeat's answer has what is not acknowledged sent again, once for
/// each that was due and not for those of reads, and entries that only carry time are written when
/// something is due.
#pragma once

#include "sim/findings.hpp"

#include "raft/base/ids.hpp"
#include "raft/core/core.hpp"

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <utility>

namespace atomix::sim {

class needless_work {
 public:
  explicit needless_work(findings& f) : findings_(f) {}

  void add_node(node_id id, std::string name) { nodes_[id].name = std::move(name); }
  void restarted(node_id id);
  /// `now`: what the core shows after the step.
  void stepped(const raft::status& now, const raft::input& in, const raft::effects& out);

 private:
  struct node_facts {
    std::string name;
    term_t leads;                             // none: does not
    std::map<node_id, std::size_t> repeated;  // to each, since the last heartbeat that was due
    log_time wanted;                          // the machines wait for it; none: for nothing
    std::optional<log_time> last_time;        // of its log, once it has written to it
  };

  void check_repetitions(node_facts& leader, const raft::input& in, const raft::effects& out);
  void check_time(node_facts& node, const raft::effects& out);

  findings& findings_;
  std::map<node_id, node_facts> nodes_;
};

}  // namespace atomix::sim
