// SPDX-License-Identifier: Apache-2.0
#include "resources/invoker.hpp"

namespace atomix {

std::string_view to_string(session_state state) {
  switch (state) {
    case session_state::connecting:
      return "connecting";
    case session_state::connected:
      return "connected";
    case session_state::suspended:
      return "suspended";
    case session_state::expired:
      return "expired";
    case session_state::closed:
      return "closed";
  }
  return "unknown";
}

}  // namespace atomix
