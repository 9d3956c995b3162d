// SPDX-License-Identifier: Apache-2.0
/// \file Runs test scripts: commands, `----`, what they must print. The commands are explained in
/// tests/scripts/raft/README.md.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "tests/raft/lab.hpp"

namespace atomix::raft {

class script {
 public:
  /// The whole file with every expected text replaced by what really came out.
  [[nodiscard]] std::string rerun(const std::string& file);

 private:
  using words = std::vector<std::string>;

  std::string run_block(const std::string& commands);
  void run(const std::string& line);
  bool run_input(const std::string& name, const words& w);
  bool run_world(const std::string& name, const words& w);
  bool run_view(const std::string& name, const words& w);
  void make_cluster(const words& w);
  void recover(const words& w);
  void configure(const words& w);
  void campaign(node_id id);
  void complete_save(node_id id);
  void receive(const std::string& line);
  void move_packets(const words& w, bool deliver, bool again);
  void settle();
  void show(node_id id, const input& in, const effects& out);
  void show_role(node_id id);
  void show_status(node_id id);
  void show_log(node_id id);
  void line(const std::string& text) { printed_ += text + "\n"; }

  std::unique_ptr<lab> lab_;
  std::set<node_id> isolated_;
  std::map<node_id, std::string> roles_;  // as last shown
  std::string printed_;
  bool quiet_ = false;
};

}  // namespace atomix::raft
