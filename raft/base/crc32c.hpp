// SPDX-License-Identifier: Apache-2.0
/// \file CRC-32C (Castagnoli), the checksum of log records and frames.
#pragma once

#include <cstdint>
#include <string_view>

namespace atomix {

/// CRC-32C of `bytes`, continuing from `before` (0 to start). "123456789" gives 0xe3069283.
[[nodiscard]] std::uint32_t crc32c(std::string_view bytes, std::uint32_t before = 0);

}  // namespace atomix
