// SPDX-License-Identifier: Apache-2.0
/// \file Histories drawn from a seed.
#pragma once

#include "sim/checker/history.hpp"

#include "raft/base/prng.hpp"

#include <cstdint>
#include <string>

namespace atomix::checker {

struct drawing_options {
  std::string model;
  std::size_t operations = 8;
  std::size_t processes = 3;
  unsigned unknown_percent = 15;
  unsigned wrong_percent = 0;  ///< results that are drawn instead of computed
  std::size_t keys = 0;        ///< 0: one object without a key
  bool distinct = false;       ///< nothing is put in twice, and sets only grow
};

/// Runs operations on the model one at a time, each at a drawn moment between its call and its
/// return; some returns get lost, before or after that moment. With `wrong_percent` 0 the history
/// is linearizable.
[[nodiscard]] history draw_history(const drawing_options& options, std::uint64_t seed);

}  // namespace atomix::checker
