// SPDX-License-Identifier: Apache-2.0
/// \file The calls that client programs write down for models, by object.
#pragma once

#include "sim/checker/history.hpp"
#include "sim/findings.hpp"
#include "sim/testing/client.hpp"
#include "sim/testing/experiment.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>

namespace atomix::testing {

/// Of one run.
class call_book {
 public:
  explicit call_book(sim::findings& f) : found_(f) {}

  [[nodiscard]] observed begin(
      std::size_t client, std::string_view object, std::string f, checker::value argument);
  /// Adds a finding for each object that its model cannot explain.
  void judge(const std::map<std::string, experiment::model_maker>& models);
  [[nodiscard]] sim::sim_time now() const { return found_.where().now(); }

 private:
  // Calls may end after the run has: the end is then nobody's any more.
  struct page {
    checker::recorder calls;
    std::map<std::size_t, std::set<std::int64_t>> idle;  // processes, by client
    std::int64_t processes = 0;
  };
  void judge(const std::string& object, page& p, checker::model& m);

  sim::findings& found_;
  std::map<std::string, std::shared_ptr<page>, std::less<>> pages_;
};

}  // namespace atomix::testing
