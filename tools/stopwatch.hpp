// SPDX-License-Identifier: Apache-2.0
/// \file Real time that has passed.
#pragma once

#include <chrono>

namespace atomix::tools {

class stopwatch {
 public:
  [[nodiscard]] double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

}  // namespace atomix::tools
