// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstring>
#include <string_view>

namespace atomix {

/// The size of `bytes` without the zeros at their end: most of a file that was filled ahead.
[[nodiscard]] inline std::size_t size_without_zeros(std::string_view bytes) {
  static constexpr std::array<char, 64> zeros{};
  std::size_t size = bytes.size();
  while (size >= zeros.size()
         && std::memcmp(bytes.data() + size - zeros.size(), zeros.data(), zeros.size()) == 0)
    size -= zeros.size();
  while (size > 0 && bytes[size - 1] == '\0')
    --size;
  return size;
}

}  // namespace atomix
