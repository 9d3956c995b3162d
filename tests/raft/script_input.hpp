// SPDX-License-Identifier: Apache-2.0
/// \file Reads what `describe` writes, and the small words of scripts.
#pragma once

#include "raft/core/message.hpp"

#include <set>
#include <string>
#include <vector>

namespace atomix::raft {

[[nodiscard]] std::vector<std::string> split_words(const std::string& line);
/// What stands behind `key=` among the words; `otherwise` if there is no such word.
[[nodiscard]] std::string value_of(
    const std::vector<std::string>& words, const std::string& key, const std::string& otherwise);
[[nodiscard]] std::uint64_t number_of(
    const std::vector<std::string>& words, const std::string& key, std::uint64_t otherwise);
[[nodiscard]] std::uint64_t parse_number(const std::string& text);
/// `1,2,3`.
[[nodiscard]] std::set<node_id> parse_nodes(const std::string& text);
[[nodiscard]] entry_id parse_id(const std::string& text);
/// A message as `describe` prints it. A mistake in a script stops the test program.
[[nodiscard]] message parse_message(const std::string& text);

}  // namespace atomix::raft
