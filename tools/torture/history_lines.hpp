// SPDX-License-Identifier: Apache-2.0
/// \file Events of a history as lines of EDN, put into their order.
#pragma once

#include "sim/time.hpp"

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace atomix::tools {

struct history_line {
  std::uint64_t order = 0;  ///< equal: as they were added
  sim::sim_time at = 0;
  std::uint64_t process = 0;
  std::string type;  ///< invoke, ok, fail, info
  std::string f;
  std::string value;  ///< EDN
  std::string key;    ///< EDN; empty: the one object
};

class history_lines {
 public:
  void add(history_line line) { all_.push_back(std::move(line)); }

  [[nodiscard]] std::string text() const {
    std::vector<const history_line*> sorted;
    for (const history_line& l : all_)
      sorted.push_back(&l);
    std::stable_sort(sorted.begin(), sorted.end(), [](const auto* a, const auto* b) {
      return a->order < b->order;
    });
    std::string text;
    for (const history_line* l : sorted) {
      absl::StrAppend(&text, "{:process ", l->process, ", :type :", l->type, ", :f :", l->f);
      if (!l->key.empty()) absl::StrAppend(&text, ", :key ", l->key);
      absl::StrAppend(&text, ", :value ", l->value, ", :time ", l->at, "}\n");
    }
    return text;
  }

 private:
  std::vector<history_line> all_;
};

}  // namespace atomix::tools
