// SPDX-License-Identifier: Apache-2.0
/// \file The one macro of the project: a broken invariant stops the process with a sentence.
#pragma once

#include <string_view>

namespace atomix {

/// Prints file, line, the sentence and advice to standard error, then aborts.
[[noreturn]] void check_failed(const char* file, int line, std::string_view sentence);

#ifdef ATOMIX_SIMULATION
/// Who hears of broken invariants on this thread instead of the process's end: the simulator, which
/// counts them as findings. `on_broken` throws; whoever stepped the actors catches.
class check_listener {
 public:
  check_listener() = default;
  check_listener(const check_listener&) = delete;
  check_listener& operator=(const check_listener&) = delete;
  virtual ~check_listener() = default;
  [[noreturn]] virtual void on_broken(std::string_view where, std::string_view sentence) = 0;
};
/// Returns the listener before; null: none.
check_listener* listen_to_checks(check_listener* listener);
#endif

}  // namespace atomix

/// Stops the process unless `condition` holds; on in every build. `sentence` says what must be
/// true.
#define ATOMIX_CHECK(condition, sentence)              \
  (static_cast<bool>(condition) ? static_cast<void>(0) \
                                : ::atomix::check_failed(__FILE__, __LINE__, sentence))
