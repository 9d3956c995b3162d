// SPDX-License-Identifier: Apache-2.0
/// \file Real time, for tests of the real world that must end: the one place here that reads a
/// clock.
#pragma once

#include <chrono>

namespace atomix {

class stopwatch {
 public:
  [[nodiscard]] std::chrono::steady_clock::duration elapsed() const { return now() - start_; }

 private:
  static std::chrono::steady_clock::time_point now() { return std::chrono::steady_clock::now(); }
  std::chrono::steady_clock::time_point start_ = now();
};

}  // namespace atomix
