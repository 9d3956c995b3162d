// SPDX-License-Identifier: Apache-2.0
// What is held against calls, whatever they were about.
#include "sim/workload.hpp"

#include "resources/consistency.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

namespace atomix::sim {
namespace {

/// Calls once, and hears at once that nobody knows how that ended.
class unlucky final : public program {
 public:
  using program::program;
  [[nodiscard]] std::string_view name() const override { return "unlucky"; }
  void bind(const std::shared_ptr<invoker>& /*session*/) override {}
  void unbind() override {}

 protected:
  void operate() override {
    began();
    finished(unknown_outcome(absl::AbortedError("gone")));
  }
  void read_outcome() override {}
};

struct unknown_outcomes : testing::Test {
  world at{1};
  findings found{at};
  workload_counts counts;
  process_id process = at.add_process("ada");
  unlucky one{program_parts{at, found, counts, process, "ada"}};

  std::vector<std::string> checks() {
    at.run_until(10 * second);
    std::vector<std::string> spoke;
    for (const violation& each : found.all())
      spoke.push_back(each.property);
    return spoke;
  }
};

TEST_F(unknown_outcomes, are_found_while_the_session_goes_on) {
  one.tell_session(session_state::connected);
  one.start({{1 * second, 0, 0, 1}});
  EXPECT_EQ(checks(), std::vector<std::string>{"outcomes"});
}

TEST_F(unknown_outcomes, are_those_of_sessions_that_end) {
  one.tell_session(session_state::connected);
  one.start({{1 * second, 0, 0, 1}});
  at.at(1 * second, process, [this] { one.tell_session(session_state::expired); });
  EXPECT_TRUE(checks().empty());
}

}  // namespace
}  // namespace atomix::sim
