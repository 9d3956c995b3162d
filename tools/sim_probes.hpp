// SPDX-License-Identifier: Apache-2.0
/// \file Which probes the runs of a campaign came by.
#pragma once

#include "raft/base/probe.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace atomix::tools {

class probe_tally {
 public:
  /// Of one run.
  void add(const probe_counts& run);
  /// Those that no run came by.
  [[nodiscard]] std::vector<probe> missing() const;
  /// "100 of 102 probes; never: lone-voter, read-overtaken".
  [[nodiscard]] std::string summary() const;
  /// One line each: in how many runs, how often, what.
  [[nodiscard]] std::string table() const;

 private:
  std::array<std::uint64_t, probes> runs_{};
  probe_counts times_{};
};

}  // namespace atomix::tools
