// SPDX-License-Identifier: Apache-2.0
/// \file A plan: the explicit part of a run, drawn before it begins. The cluster, the faults, when
/// which client's program is called, and the seed of everything else.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <iosfwd>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace atomix::sim {
struct scenario;
}  // namespace atomix::sim

namespace atomix::testing {

struct options {
  std::uint64_t seed = 1;  ///< of the first run; the next one takes the next
  std::size_t runs = 100;
  std::chrono::milliseconds time{20'000};  ///< with faults, virtual; a calm end follows
  std::size_t nodes = 0;                   ///< [1, 9]; 0: drawn, 1 to 7
  std::size_t clients = 0;                 ///< [1, 9]; 0: drawn, 1 to 6
  /// "all", "none", or names as in docs/simulator.md, separated by commas. Each run takes some.
  std::string faults = "all";
  /// A failure is made small, with at most so many further runs. 0: not at all.
  std::size_t shrink_runs = 1'500;
  /// Where the file that replays a failure is written; empty: nowhere.
  std::string directory = ".";
};

/// A value.
class plan {
 public:
  explicit plan(std::shared_ptr<const sim::scenario> what) : what_(std::move(what)) {}

  /// Plans with less in them, the most promising first, each with the rest of the world as it was.
  [[nodiscard]] std::vector<plan> smaller() const;
  /// The faults and calls, one a line, and what else is not as usual.
  [[nodiscard]] std::string to_string() const;
  [[nodiscard]] const sim::scenario& what() const { return *what_; }

 private:
  std::shared_ptr<const sim::scenario> what_;
};

std::ostream& operator<<(std::ostream& out, const plan& p);

}  // namespace atomix::testing
