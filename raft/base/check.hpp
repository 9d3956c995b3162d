// SPDX-License-Identifier: Apache-2.0
/// \file The one macro of the project: a broken invariant stops the process with a sentence.
#pragma once

#include <string_view>

namespace atomix {

/// Prints file, line, the sentence and advice to standard error, then aborts.
[[noreturn]] void check_failed(const char* file, int line, std::string_view sentence);

}  // namespace atomix

/// Stops the process unless `condition` holds; on in every build. `sentence` says what must be
/// true.
#define ATOMIX_CHECK(condition, sentence)              \
  (static_cast<bool>(condition) ? static_cast<void>(0) \
                                : ::atomix::check_failed(__FILE__, __LINE__, sentence))
