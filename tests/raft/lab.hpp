// SPDX-License-Identifier: Apache-2.0
/// \file A few cores, their disks and the messages between them, moved by hand: for scripts and
/// properties. Checks after every step what no single node can see (thesis figure 3.2).
#pragma once

#include "raft/core/core.hpp"

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tests/raft/sleeper.hpp"

namespace atomix::raft {

struct packet {
  node_id from;
  node_id to;
  message body;
};

/// A save on its way to the disk, and what waits for it.
struct pending_save {
  save_batch batch;
  std::vector<outbound> after;
};

struct lab_node {
  raft::options options;
  std::optional<core> running;  // none: crashed
  std::optional<sleeper> twin;  // gets the same
  recovered_state disk;
  std::deque<pending_save> saves;
  std::vector<load_request> loads;
  std::uint64_t now_ms = 0;
  std::uint64_t incarnations = 0;
  index_t committed;  // of this incarnation
  log_time wanted;    // what its state machine waits for
};

class lab {
 public:
  /// Nodes from 1 on, as in `model.initial`; each differs in number and seed only.
  explicit lab(const options& model);

  /// Feeds one input to a running node and keeps what comes out, except what must leave at once.
  void step(node_id id, const input& in);
  void tick(node_id id);
  /// Completes the oldest save, and lets go what waited for it. False if there is none.
  bool save(node_id id);
  /// Delivers the packet at `position`; keeps a copy in the network if `again`.
  void deliver(std::size_t position, bool again = false);
  /// Answers the oldest load request from the disk. False if there is none.
  bool load(node_id id);
  /// Loses everything but the disk and the first `saves_kept` saves on their way to it.
  void crash(node_id id, std::size_t saves_kept = 0);
  void restart(node_id id);
  /// Asks for a read; its grant must not be older than what is committed now.
  void read(node_id id, std::uint64_t number);
  /// Saves and delivers until nothing is on its way. Packets that `passes` refuses are lost.
  void settle(const std::function<bool(const packet&)>& passes);

  [[nodiscard]] lab_node& at(node_id id) { return nodes.at(id); }
  [[nodiscard]] bool runs(node_id id) const { return nodes.at(id).running.has_value(); }

  std::map<node_id, lab_node> nodes;
  std::vector<packet> network;  ///< in the order of sending
  std::vector<entry> history;   ///< what any node ever saw committed
  std::uint64_t reads_granted = 0;
  std::function<void(node_id, const input&, const effects&)> observer;
  std::string violation;  ///< the first property that did not hold; empty: all is well

 private:
  void check(node_id id, const effects& out);
  void check_leader(node_id id);
  void check_logs(node_id id);
  void check_committed(node_id id, const effects& out);
  void fail(const std::string& what);

  std::map<term_t, node_id> leaders_;
  std::map<std::uint64_t, std::size_t> asked_;  // read -> history.size() when it was asked
};

}  // namespace atomix::raft
