// SPDX-License-Identifier: Apache-2.0
/// \file Texts and numbers put together: Debian's Abseil does not take std::string_view.
#pragma once

#include <concepts>
#include <string>
#include <string_view>

namespace atomix::checker {

template <class... Pieces>
void append(std::string& text, const Pieces&... pieces) {
  const auto add = [&text]<class T>(const T& piece) {
    if constexpr (std::integral<T>) {
      text += std::to_string(piece);
    } else {
      text += std::string_view{piece};
    }
  };
  (add(pieces), ...);
}

template <class... Pieces>
[[nodiscard]] std::string cat(const Pieces&... pieces) {
  std::string text;
  append(text, pieces...);
  return text;
}

[[nodiscard]] inline bool contains(std::string_view text, std::string_view piece) {
  return text.find(piece) != std::string_view::npos;
}

}  // namespace atomix::checker
