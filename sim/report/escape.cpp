// SPDX-License-Identifier: Apache-2.0
#include "sim/report/escape.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <limits>

namespace atomix::sim {
namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";
constexpr std::string_view digits = "0123456789abcdef";

unsigned byte_at(std::string_view text, std::size_t at) {
  return at < text.size() ? static_cast<unsigned char>(text[at]) : 0;
}

/// Size of the UTF-8 sequence that starts here, 0 if it is none (Unicode 15, table 3-7).
std::size_t sequence(std::string_view text, std::size_t at) {
  const unsigned first = byte_at(text, at);
  if (first < 0x80) return 1;
  const std::size_t size = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4) return 0;
  const unsigned second = byte_at(text, at + 1);
  const unsigned low = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
  const unsigned high = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
  if (second < low || second > high) return 0;
  for (std::size_t i = 2; i < size; ++i) {
    if (byte_at(text, at + i) >> 6U != 2) return 0;
  }
  return size;
}

std::string unicode_escape(unsigned c) {
  std::string out = "\\u00";
  return out += {digits[c >> 4U], digits[c & 15U]};
}

/// Quotes `text`; `special` says how a character of ASCII is written, empty: as it is.
template <class Special>
std::string quoted(std::string_view text, Special special) {
  std::string out = "\"";
  out.reserve(text.size() + 2);
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t size = sequence(text, at);
    if (size == 0) {
      out += replacement;
    } else if (const std::string other = size == 1 ? special(text[at]) : ""; !other.empty()) {
      out += other;
    } else {
      out += text.substr(at, size);
    }
    at += std::max<std::size_t>(size, 1);
  }
  return out += '"';
}

std::string plain_escape(char c) {
  const unsigned code = static_cast<unsigned char>(c);
  switch (c) {
    case '"':
      return "\\\"";
    case '\\':
      return "\\\\";
    case '\n':
      return "\\n";
    case '\r':
      return "\\r";
    case '\t':
      return "\\t";
    default:
      return code < 0x20 || code == 0x7F ? unicode_escape(code) : "";
  }
}

bool is_alphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

}  // namespace

std::string json_string(std::string_view text) {
  return quoted(text, [](char c) {
    // `</script>` and `<!--` would end or change the element around.
    const bool markup = c == '<' || c == '>' || c == '&';
    return markup ? unicode_escape(static_cast<unsigned char>(c)) : plain_escape(c);
  });
}

std::string edn_string(std::string_view text) {
  return quoted(text, plain_escape);
}

std::string edn_keyword(std::string_view text) {
  constexpr std::string_view allowed = "*+!-_?.=$";
  std::string out = ":";
  for (const char c : text) {
    const bool fits = is_alphanumeric(c) || allowed.find(c) != std::string_view::npos;
    out += fits ? c : '-';
  }
  // Clojure reads `:1` but EDN does not promise it, and `:-1`, `:.5` neither.
  const bool starts_well =
      out.size() > 1 && is_alphanumeric(out[1]) && (out[1] < '0' || out[1] > '9');
  if (!starts_well) out.insert(1, "x-");
  return out;
}

std::string edn_integer(std::uint64_t number) {
  const bool wide = number > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  return std::to_string(number) + (wide ? "N" : "");
}

std::string html_text(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '&':
        out += "&amp;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string one_line(std::string_view text) {
  std::string out{text};
  std::replace_if(
      out.begin(), out.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; }, ' ');
  return out;
}

std::string hexadecimal(std::uint64_t number) {
  std::string out(16, '0');
  for (std::size_t i = out.size(); i-- > 0; number >>= 4U)
    out[i] = digits[number & 15U];
  return out;
}

}  // namespace atomix::sim
