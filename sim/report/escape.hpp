// SPDX-License-Identifier: Apache-2.0
/// \file How text of a run, which may hold anything, is written into other languages.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace atomix::sim {

/// A JSON string with its quotes. Safe inside <script>: has no `<`, `>` or `&`. What is no UTF-8 is
/// replaced by U+FFFD.
[[nodiscard]] std::string json_string(std::string_view text);

/// An EDN string with its quotes, as Clojure's readers take it. One line; repairs UTF-8 as well.
[[nodiscard]] std::string edn_string(std::string_view text);

/// An EDN keyword: "election safety" becomes ":election-safety". Never empty.
[[nodiscard]] std::string edn_keyword(std::string_view text);

/// An EDN integer: those that do not fit into 63 bits get the suffix N.
[[nodiscard]] std::string edn_integer(std::uint64_t number);

/// Text of an HTML element or of an attribute in double quotes.
[[nodiscard]] std::string html_text(std::string_view text);

/// On one line: line ends and other control characters become spaces.
[[nodiscard]] std::string one_line(std::string_view text);

/// 16 digits.
[[nodiscard]] std::string hexadecimal(std::uint64_t number);

}  // namespace atomix::sim
