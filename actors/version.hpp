// SPDX-License-Identifier: Apache-2.0
/// \file The version of this software, as `status` shows it.
#pragma once

namespace atomix {

inline constexpr const char* version = "0.1.0";

}  // namespace atomix
