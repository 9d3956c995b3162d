// SPDX-License-Identifier: Apache-2.0
#include "tests/raft/script_input.hpp"

#include "raft/base/check.hpp"

#include <absl/strings/numbers.h>
#include <absl/strings/str_split.h>
#include <absl/strings/strip.h>

#include <utility>

namespace atomix::raft {
namespace {

entry parse_entry(const std::string& text) {
  const std::pair<std::string, std::string> parts = absl::StrSplit(text, absl::MaxSplits(' ', 1));
  entry e;
  e.id = parse_id(parts.first);
  e.kind = parts.second == "start" ? entry_kind::term_start : entry_kind::command;
  if (e.kind == entry_kind::command) e.data = shared_bytes{parts.second};
  return e;
}

append_request parse_append(const std::string& text, const std::vector<std::string>& words) {
  append_request m;
  m.term = term_t{number_of(words, "term", 0)};
  m.previous = parse_id(value_of(words, "previous", "0/0"));
  m.commit = index_t{number_of(words, "commit", 0)};
  const auto open = text.find('[');
  const auto close = text.find(']');
  if (open == std::string::npos || close <= open + 1) return m;
  const std::string inside = text.substr(open + 1, close - open - 1);
  for (const auto& part : absl::StrSplit(inside, ", ")) {
    m.entries.push_back(parse_entry(std::string(part)));
  }
  return m;
}

bool has_word(const std::vector<std::string>& words, const std::string& word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

}  // namespace

std::vector<std::string> split_words(const std::string& line) {
  return absl::StrSplit(line, ' ', absl::SkipEmpty());
}

std::string value_of(
    const std::vector<std::string>& words, const std::string& key, const std::string& otherwise) {
  for (const std::string& w : words) {
    if (w.starts_with(key + "=")) return w.substr(key.size() + 1);
  }
  return otherwise;
}

std::uint64_t parse_number(const std::string& text) {
  std::uint64_t value = 0;
  ATOMIX_CHECK(absl::SimpleAtoi(text, &value), "a number in a script is a number: " + text);
  return value;
}

std::uint64_t number_of(
    const std::vector<std::string>& words, const std::string& key, std::uint64_t otherwise) {
  const std::string text = value_of(words, key, "");
  return text.empty() ? otherwise : parse_number(text);
}

std::set<node_id> parse_nodes(const std::string& text) {
  std::set<node_id> nodes;
  for (const auto& part : absl::StrSplit(text, ',', absl::SkipEmpty())) {
    nodes.insert(node_id{parse_number(std::string(part))});
  }
  return nodes;
}

entry_id parse_id(const std::string& text) {
  const std::pair<std::string, std::string> parts = absl::StrSplit(text, '/');
  return {term_t{parse_number(parts.first)}, index_t{parse_number(parts.second)}};
}

message parse_message(const std::string& text) {
  const auto words = split_words(text);
  const std::string& name = words.at(0);
  const term_t term{number_of(words, "term", 0)};
  const ballot kind = name.starts_with("pre-") ? ballot::pre_vote : ballot::vote;
  if (name.ends_with("vote-request")) {
    return vote_request{term, parse_id(value_of(words, "last", "0/0")), kind};
  }
  if (name.ends_with("vote-reply")) return vote_reply{term, kind, has_word(words, "granted")};
  if (name == "append") return parse_append(text, words);
  if (name == "append-reply") {
    const std::string accepted = value_of(words, "accepted", "");
    if (!accepted.empty()) return append_reply{term, true, index_t{parse_number(accepted)}, {}};
    const index_t refused{number_of(words, "refused", 0)};
    return append_reply{term, false, refused, parse_id(value_of(words, "hint", "0/0"))};
  }
  const std::uint64_t round = number_of(words, "round", 0);
  const index_t commit{number_of(words, "commit", 0)};
  if (name == "heartbeat") return heartbeat{term, commit, round};
  ATOMIX_CHECK(name == "heartbeat-reply", "a message in a script has a known name: " + name);
  return heartbeat_reply{term, round};
}

}  // namespace atomix::raft
