// SPDX-License-Identifier: Apache-2.0
#include "resources/handle.hpp"

namespace atomix {

future<void> handle::remove() const {
  // An empty operation deletes the resource, whatever its machine.
  return command<void>({}, [](const absl::StatusOr<outcome>& reply) { return reply.status(); });
}

}  // namespace atomix
