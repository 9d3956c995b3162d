// SPDX-License-Identifier: Apache-2.0
#include "raft/base/crc32c.hpp"

#include <isa-l/crc.h>

namespace atomix {

std::uint32_t crc32c(std::string_view bytes, std::uint32_t before) {
  // ISA-L takes and returns the register without the customary inversions, and a non-const pointer
  // that it only reads.
  auto* data = reinterpret_cast<unsigned char*>(const_cast<char*>(bytes.data()));
  return ~crc32_iscsi(data, static_cast<int>(bytes.size()), ~before);
}

}  // namespace atomix
