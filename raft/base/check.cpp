// SPDX-License-Identifier: Apache-2.0
#include "raft/base/check.hpp"

#include <cstdio>
#include <cstdlib>
#include <string>
#include <utility>

namespace atomix {

#ifdef ATOMIX_SIMULATION
namespace {
// Runs of a campaign are independent of each other, one per thread.
thread_local check_listener* present_listener = nullptr;
}  // namespace

check_listener* listen_to_checks(check_listener* listener) {
  return std::exchange(present_listener, listener);
}
#endif

void check_failed(const char* file, int line, std::string_view sentence) {
#ifdef ATOMIX_SIMULATION
  if (present_listener != nullptr) {
    const std::string_view path{file};
    const std::size_t slash = path.rfind('/');
    const std::string name{slash == std::string_view::npos ? path : path.substr(slash + 1)};
    present_listener->on_broken(name + ":" + std::to_string(line), sentence);
  }
#endif
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
