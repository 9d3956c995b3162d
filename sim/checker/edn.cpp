// SPDX-License-Identifier: Apache-2.0
#include "sim/checker/edn.hpp"

#include "sim/checker/cat.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <system_error>
#include <utility>
#include <vector>

namespace atomix::checker {
namespace {

constexpr unsigned depth_max = 200;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

template <class T>
std::optional<T> whole_number(std::string_view text, int base) {
  T n{};
  if (text.starts_with('+')) text.remove_prefix(1);
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), n, base);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return n;
}
std::optional<double> real_number(std::string_view text) {
  double d = 0;
  if (text.starts_with('+')) text.remove_prefix(1);
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), d);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return d;
}

value number_of(std::string_view word) {
  std::string_view digits = word;
  if (digits.ends_with('N')) digits.remove_suffix(1);
  if (const auto n = whole_number<std::int64_t>(digits, 10)) return value{*n};
  // Too large a number must not become equal to its neighbours.
  if (std::all_of(digits.begin() + 1, digits.end(), is_digit))
    return value{value::data{symbol{std::string{digits}}}};
  if (digits.ends_with('M')) digits.remove_suffix(1);
  const std::size_t slash = digits.find('/');
  if (slash != std::string_view::npos) {
    const auto above = real_number(digits.substr(0, slash));
    const auto below = real_number(digits.substr(slash + 1));
    if (above && below && *below != 0) return value{value::data{*above / *below}};
  }
  if (const auto d = real_number(digits)) return value{value::data{*d}};
  return value{value::data{symbol{std::string{word}}}};
}

value value_of_word(std::string_view word) {
  if (word == "nil") return {};
  if (word == "true") return value{true};
  if (word == "false") return value{false};
  if (word.front() == ':') return value::word(std::string{word.substr(1)});
  const bool sign = word.size() > 1 && (word.front() == '-' || word.front() == '+');
  if (is_digit(word[sign ? 1 : 0])) return number_of(word);
  return value{value::data{symbol{std::string{word}}}};
}

std::string utf8(unsigned code) {
  std::string text;
  const auto add = [&text](unsigned byte) {
    text += static_cast<char>(byte);
  };
  if (code < 0x80U) {
    add(code);
  } else if (code < 0x800U) {
    add(0xc0U | (code >> 6U));
    add(0x80U | (code & 0x3fU));
  } else {
    if (code < 0x10000U) {
      add(0xe0U | (code >> 12U));
    } else {
      add(0xf0U | (code >> 18U));
      add(0x80U | ((code >> 12U) & 0x3fU));
    }
    add(0x80U | ((code >> 6U) & 0x3fU));
    add(0x80U | (code & 0x3fU));
  }
  return text;
}

}  // namespace

absl::Status edn_reader::error(std::string_view cause, std::string_view remedy) const {
  return absl::InvalidArgumentError(cat("line ", present_line_, ": ", cause, " ", remedy));
}

bool edn_reader::is_space(char c) const {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == ',' || c == '\f' || c == '\v'
         || (json_ && c == ':');
}

bool edn_reader::ends_word(char c) const {
  return is_space(c) || at_end() || std::string_view{"()[]{}\";"}.find(c) != std::string_view::npos;
}

char edn_reader::take() {
  const char c = text_[at_++];
  if (c == '\n') ++present_line_;
  return c;
}

void edn_reader::skip_space() {
  while (!at_end()) {
    if (is_space(peek())) {
      take();
    } else if (peek() == ';') {
      while (!at_end() && peek() != '\n')
        take();
    } else {
      return;
    }
  }
}

absl::Status edn_reader::discard() {
  skip_space();
  while (text_.substr(at_, 2) == "#_") {
    at_ += 2;
    const result hidden = read();
    if (!hidden.ok()) return hidden.status();
    skip_space();
  }
  return absl::OkStatus();
}

absl::StatusOr<std::optional<value>> edn_reader::next() {
  while (true) {
    if (const absl::Status s = discard(); !s.ok()) return s;
    if (inside_ == '\0' || peek() != inside_) break;
    take();  // what follows is read as well: several vectors are one history
    inside_ = '\0';
  }
  line_ = present_line_;
  if (at_end() && inside_ != '\0') {
    return error(
        cat("the text ends inside a sequence, '", std::string(1, inside_), "' is missing."),
        "Was the file cut off while it was written?");
  }
  if (at_end()) return std::optional<value>{};
  result v = read();
  if (!v.ok()) return v.status();
  return std::optional<value>{*std::move(v)};
}

bool edn_reader::enter() {
  if (inside_ != '\0' || !discard().ok()) return false;
  if (peek() != '[' && peek() != '(') return false;
  inside_ = take() == '[' ? ']' : ')';
  return true;
}

edn_reader::result edn_reader::read() {
  if (const absl::Status s = discard(); !s.ok()) return s;
  if (at_end()) return error("a value is missing at the end of the text.", "Was the file cut off?");
  if (depth_ >= depth_max) return error("values are nested too deeply.", "Flatten them.");
  ++depth_;
  const auto leave = [this](result r) {
    --depth_;
    return r;
  };
  switch (peek()) {
    case '[':
      take();
      return leave(read_sequence(']'));
    case '(':
      take();
      return leave(read_sequence(')'));
    case '{':
      take();
      return leave(read_map());
    case '"':
      take();
      return leave(read_text());
    case '#':
      take();
      return leave(read_after_hash());
    case '\\':
      take();
      return leave(read_character());
    case '^': {  // metadata says something about the value that follows
      take();
      const result metadata = read();
      return leave(metadata.ok() ? read() : metadata);
    }
    default:
      return leave(read_word());
  }
}

absl::StatusOr<std::vector<value>> edn_reader::read_until(char end) {
  std::vector<value> items;
  while (true) {
    if (const absl::Status s = discard(); !s.ok()) return s;
    if (at_end()) {
      return error(
          cat("'", std::string(1, end), "' is missing at the end of the text."),
          "Was the file cut off while it was written?");
    }
    if (peek() == end) {
      take();
      return items;
    }
    result item = read();
    if (!item.ok()) return item.status();
    items.push_back(*std::move(item));
  }
}

edn_reader::result edn_reader::read_sequence(char end) {
  auto items = read_until(end);
  if (!items.ok()) return items.status();
  return value::of(*std::move(items));
}

edn_reader::result edn_reader::read_map() {
  auto items = read_until('}');
  if (!items.ok()) return items.status();
  if (items->size() % 2 != 0)
    return error("a map has a key without a value.", "Write one value after each key.");
  std::vector<std::pair<value, value>> entries;
  entries.reserve(items->size() / 2);
  for (std::size_t i = 0; i < items->size(); i += 2) {
    if (const auto* name = (*items)[i].as<std::string>(); json_ && name != nullptr)
      (*items)[i] = value::word(std::string{*name});
    entries.emplace_back(std::move((*items)[i]), std::move((*items)[i + 1]));
  }
  return value::map_of(std::move(entries));
}

edn_reader::result edn_reader::read_text() {
  std::string text;
  while (!at_end()) {
    const char c = take();
    if (c == '"') return value{std::move(text)};
    if (c != '\\') {
      text += c;
      continue;
    }
    const char escaped = at_end() ? '\0' : take();
    constexpr std::array<std::pair<char, char>, 6> known{
        {{'n', '\n'}, {'t', '\t'}, {'r', '\r'}, {'b', '\b'}, {'f', '\f'}, {'0', '\0'}}};
    char plain = escaped;
    for (const auto& [name, character] : known)
      if (name == escaped) plain = character;
    if (escaped == 'u') {
      append_code(text);
    } else {
      text += plain;
    }
  }
  return error("a text has no end.", "Write \" at its end.");
}

// After a `\u`: a character of 16 bits, or two that stand for one.
void edn_reader::append_code(std::string& text) {
  const auto code = whole_number<unsigned>(text_.substr(std::min(at_, text_.size()), 4), 16);
  if (!code) {
    text += 'u';
    return;
  }
  at_ += 4;
  const bool high = *code >= 0xd800U && *code < 0xdc00U;
  const std::string_view rest = text_.substr(at_);
  const auto low =
      rest.starts_with("\\u") ? whole_number<unsigned>(rest.substr(2, 4), 16) : std::nullopt;
  if (!high || !low || *low < 0xdc00U || *low > 0xdfffU) {
    text += utf8(*code);
    return;
  }
  at_ += 6;
  text += utf8(0x10000U + ((*code - 0xd800U) << 10U) + (*low - 0xdc00U));
}

edn_reader::result edn_reader::read_after_hash() {
  if (peek() == '#') {  // ##Inf, ##NaN
    take();
    return read_word();
  }
  if (peek() == '{') {
    take();
    auto items = read_until('}');
    if (!items.ok()) return items.status();
    return value::set_of(*std::move(items));
  }
  if (peek() == '"') {  // a regular expression
    take();
    return read_text();
  }
  std::string tag;
  while (!ends_word(peek()))
    tag += take();
  if (tag.empty()) return error("'#' stands alone.", "Write a tag, #{...} or #_ before a value.");
  result item = read();
  if (!item.ok()) return item;
  return value{value::data{tagged{std::move(tag), {*std::move(item)}}}};
}

edn_reader::result edn_reader::read_character() {
  std::string name(1, at_end() ? ' ' : take());
  while (!ends_word(peek()))
    name += take();
  if (name == "newline") name = "\n";
  if (name == "space") name = " ";
  if (name == "tab") name = "\t";
  if (name == "return") name = "\r";
  return value{std::move(name)};
}

edn_reader::result edn_reader::read_word() {
  const std::size_t start = at_;
  while (!ends_word(peek()))
    take();
  const std::string_view word = text_.substr(start, at_ - start);
  if (word.empty())
    return error(cat("'", std::string(1, peek()), "' closes nothing."), "Remove it, or open it.");
  if (json_ && word == "null") return value{};
  return value_of_word(word);
}

absl::StatusOr<value> parse_value(std::string_view text) {
  edn_reader reader{text};
  auto first = reader.next();
  if (!first.ok()) return first.status();
  if (!first->has_value())
    return absl::InvalidArgumentError("a value is missing, write one such as nil, 0 or \"text\"");
  const auto second = reader.next();
  if (!second.ok()) return second.status();
  if (second->has_value())
    return absl::InvalidArgumentError("more than one value, put [ ] around them");
  return **std::move(first);
}

}  // namespace atomix::checker
