// SPDX-License-Identifier: Apache-2.0
/// \file Histories in which each operation says by which model it is to be checked (`:model :map`),
/// as those of the simulator do: different objects in one file.
#pragma once

#include "sim/checker/history.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace atomix::checker {

struct modelled_part {
  std::string model;
  history operations;
  std::vector<std::size_t> numbers;  ///< of the operations, in the whole history
};

/// By model, in the order of their first operations. Operations that name none are in no part.
[[nodiscard]] std::vector<modelled_part> split_by_model(const history& h);

}  // namespace atomix::checker
