// SPDX-License-Identifier: Apache-2.0
/// \file The files of page/, line by line, as embed.cmake puts them into the program.
#pragma once

#include <span>
#include <string_view>

namespace atomix::sim::page {

[[nodiscard]] std::span<const std::string_view> html();
[[nodiscard]] std::span<const std::string_view> css();
[[nodiscard]] std::span<const std::string_view> js();

}  // namespace atomix::sim::page
