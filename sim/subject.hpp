// SPDX-License-Identifier: Apache-2.0
/// \file What runs are about: which types of resource the replicas know and what clients do with
/// them. Either the catalog and our own programs, or those of a user (`sim/testing`).
#pragma once

#include "sim/findings.hpp"
#include "sim/history.hpp"
#include "sim/operation_words.hpp"
#include "sim/workload.hpp"

#include "resources/machine_registry.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace atomix::sim {

/// Of one run. Outlives its programs and machines.
class subject {
 public:
  subject() = default;
  subject(const subject&) = delete;
  subject& operator=(const subject&) = delete;
  virtual ~subject() = default;

  /// What replicas know, and whoever replays their log.
  [[nodiscard]] virtual resources::machine_registry machines() = 0;
  /// The program at that position of `topic::programs`, for one client.
  [[nodiscard]] virtual std::unique_ptr<program> make_program(
      std::size_t position, program_parts parts, ledgers& books) = 0;
  /// For reports: operations of types that are not of the catalog. None: all are.
  [[nodiscard]] virtual more_words words() const { return {}; }
  /// The run is over. What is added to the findings now counts, unless there are some already.
  virtual void judge(const history& /*book*/) {}
};

/// Of any number of runs.
struct topic {
  std::vector<std::string> programs;  ///< names, in a fixed order: plans refer to positions
  std::function<std::unique_ptr<subject>(findings&)> begin;
};

/// The resources of the catalog, used by `*_program.cpp`.
[[nodiscard]] const topic& catalog_topic();

}  // namespace atomix::sim
