// SPDX-License-Identifier: Apache-2.0
/// \file What the checks of a run found. A finding is a value: the run goes on, or stops, as its
/// owner likes.
#pragma once

#include "sim/world.hpp"

#include <string>
#include <utility>
#include <vector>

namespace atomix::sim {

struct violation {
  std::string property;  ///< short name, stable: "election safety"
  std::string sentence;  ///< what was seen
  sim_time at = 0;
  std::string where;  ///< node or client
};

class findings {
 public:
  explicit findings(world& w) : world_(w) {}

  /// Only the first few are kept: one broken promise breaks many others.
  void add(std::string property, std::string sentence, const std::string& where) {
    world_.note(trace_kind::workload, process_id{}, 0xbad, [&] {
      return "VIOLATION " + property + ": " + sentence + " (" + where + ")";
    });
    if (found_.size() < kept)
      found_.push_back({std::move(property), std::move(sentence), world_.now(), where});
    // What comes after a violation explains nothing.
    world_.halt();
  }
  [[nodiscard]] world& where() const { return world_; }
  [[nodiscard]] bool empty() const { return found_.empty(); }
  [[nodiscard]] const std::vector<violation>& all() const { return found_; }

 private:
  static constexpr std::size_t kept = 20;
  world& world_;
  std::vector<violation> found_;
};

}  // namespace atomix::sim
