// SPDX-License-Identifier: Apache-2.0
#include "tools/output.hpp"

#include <absl/strings/ascii.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/str_format.h>
#include <nlohmann/json.hpp>

#include <cstdio>
#include <iostream>
#include <mutex>
#include <type_traits>

namespace atomix::tools {
namespace {

using json = nlohmann::ordered_json;

// Lines come from the main thread and from listeners.
std::mutex& output_mutex() {
  static std::mutex mutex;
  return mutex;
}

void write_line(std::FILE* to, const std::string& line) {
  const std::lock_guard lock{output_mutex()};
  std::fwrite(line.data(), 1, line.size(), to);
  std::fputc('\n', to);
  std::fflush(to);
}

json to_json(const field::datum& value) {
  return std::visit(
      [](const auto& v) -> json {
        if constexpr (std::is_same_v<std::decay_t<decltype(v)>, std::monostate>) {
          return nullptr;
        } else {
          return v;
        }
      },
      value);
}

json to_json(const record& line) {
  json object = json::object();
  for (const field& f : line)
    object[f.key] = to_json(f.value);
  return object;
}

// Stored bytes need not be UTF-8; a mark takes the place of what is not.
std::string dump(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace

std::string to_text(const field::datum& value) {
  struct text_of {
    std::string operator()(std::monostate) const { return "-"; }
    std::string operator()(bool v) const { return v ? "true" : "false"; }
    std::string operator()(std::int64_t v) const { return absl::StrCat(v); }
    std::string operator()(std::uint64_t v) const { return absl::StrCat(v); }
    std::string operator()(double v) const { return absl::StrFormat("%.1f", v); }
    std::string operator()(const std::string& v) const { return v; }
  };
  return std::visit(text_of{}, value);
}

void print_record(output_format format, const record& line) {
  if (format == output_format::json) {
    write_line(stdout, dump(to_json(line)));
    return;
  }
  std::string text;
  for (const field& f : line)
    absl::StrAppend(&text, &f == &line.front() ? "" : "  ", to_text(f.value));
  write_line(stdout, text);
}

void print_table(
    output_format format, const std::vector<std::string>& keys, const std::vector<record>& lines) {
  if (format == output_format::json) {
    json array = json::array();
    for (const record& line : lines)
      array.push_back(to_json(line));
    write_line(stdout, dump(array));
    return;
  }
  std::vector<std::vector<std::string>> cells(1);
  for (const std::string& key : keys)
    cells[0].push_back(absl::AsciiStrToUpper(key));
  for (const record& line : lines) {
    cells.emplace_back();
    for (const field& f : line)
      cells.back().push_back(to_text(f.value));
  }
  std::vector<std::size_t> widths(keys.size());
  for (const auto& row : cells) {
    for (std::size_t i = 0; i < row.size(); ++i)
      widths[i] = std::max(widths[i], row[i].size());
  }
  for (const auto& row : cells) {
    std::string text;
    for (std::size_t i = 0; i < row.size(); ++i) {
      text += row[i];
      if (i + 1 < row.size()) text.append(widths[i] + 2 - row[i].size(), ' ');
    }
    write_line(stdout, text);
  }
}

int fail(const absl::Status& why) {
  return fail(std::string(why.message()));
}

int fail(const std::string& sentence) {
  say(sentence);
  return exit_failed;
}

void say(const std::string& sentence) {
  write_line(stderr, absl::StrCat("atomix: ", sentence));
}

}  // namespace atomix::tools
