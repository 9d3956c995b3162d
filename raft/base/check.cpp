// SPDX-License-Identifier: Apache-2.0
#include "raft/base/check.hpp"

#include <cstdio>
#include <cstdlib>

namespace atomix {

void check_failed(const char* file, int line, std::string_view sentence) {
  std::fprintf(
      stderr,
      "atomix: %s:%d: broken invariant: %.*s.\n"
      "This is a bug, and going on could lose data: the process stops here. The data directory is "
      "intact; keep it and report this line.\n",
      file,
      line,
      static_cast<int>(sentence.size()),
      sentence.data());
  std::abort();
}

}  // namespace atomix
