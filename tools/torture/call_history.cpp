// SPDX-License-Identifier: Apache-2.0
#include "tools/torture/call_history.hpp"

#include "sim/report/escape.hpp"

#include "resources/counter/machine.hpp"
#include "resources/map/machine.hpp"
#include "resources/value/machine.hpp"

#include <absl/strings/numbers.h>
#include <absl/strings/str_cat.h>

#include <optional>
#include <utility>

#include "tools/torture/history_lines.hpp"
#include "tools/torture/lock_history.hpp"

namespace atomix::tools {
namespace {

using resources::decode_as;
using sim::recorded_call;

/// A call in the words of a model; what it returned only if it is known.
struct spoken_call {
  std::string f;
  std::string key;  // EDN
  std::string argument = "nil";
  std::string result = "nil";
};

template <class Message>
std::optional<Message> parse(const std::string& bytes) {
  Message message;
  if (!message.ParseFromString(bytes)) return std::nullopt;
  return message;
}

// A number as one, anything else as text.
std::string datum(const std::string& bytes) {
  std::int64_t number = 0;
  if (absl::SimpleAtoi(bytes, &number)) return absl::StrCat(number);
  return sim::edn_string(bytes);
}

std::optional<spoken_call> speak_counter(const recorded_call& c) {
  using resources::counter::machine;
  namespace proto = resources::counter::proto;
  if (c.is_query) {
    if (!decode_as<machine::queries, proto::Get>(c.operation)) return std::nullopt;
    spoken_call said{"read", {}};
    if (const auto now = parse<proto::Current>(c.result); c.ok() && now)
      said.result = absl::StrCat(now->value());
    return said;
  }
  const auto add = decode_as<machine::commands, proto::Add>(c.operation);
  if (!add) return std::nullopt;
  spoken_call said{"add-and-get", {}, absl::StrCat(add->delta())};
  if (const auto moved = parse<proto::Moved>(c.result); c.ok() && moved)
    said.result = absl::StrCat(moved->after());
  return said;
}

std::optional<spoken_call> speak_value(const recorded_call& c) {
  using resources::value::machine;
  namespace proto = resources::value::proto;
  const std::string key = sim::edn_string(c.resource.name);
  if (c.is_query) {
    if (!decode_as<machine::queries, proto::Get>(c.operation)) return std::nullopt;
    spoken_call said{"read", key};
    if (const auto now = parse<proto::Current>(c.result); c.ok() && now)
      said.result = now->has_value() ? datum(now->value()) : "0";
    return said;
  }
  const auto set = decode_as<machine::commands, proto::Set>(c.operation);
  if (!set) return std::nullopt;
  return spoken_call{"write", key, datum(set->value()), datum(set->value())};
}

std::optional<spoken_call> speak_map(const recorded_call& c) {
  using resources::map::machine;
  namespace proto = resources::map::proto;
  if (c.is_query) {
    const auto get = decode_as<machine::queries, proto::Get>(c.operation);
    if (!get) return std::nullopt;
    spoken_call said{"get", sim::edn_string(get->key())};
    if (const auto found = parse<proto::Found>(c.result); c.ok() && found)
      said.result = sim::edn_string(found->value());
    return said;
  }
  const auto put = decode_as<machine::commands, proto::Put>(c.operation);
  if (!put) return std::nullopt;
  const std::string text = sim::edn_string(put->value());
  return spoken_call{"put", sim::edn_string(put->key()), text, text};
}

using speaker = std::optional<spoken_call> (*)(const recorded_call&);

std::string history_of(const sim::history& book, const std::string& type, speaker speak) {
  history_lines lines;
  for (const recorded_call& c : book.calls()) {
    const bool weaker = c.is_query && c.level != consistency::atomic;
    if (c.resource.type != type || weaker) continue;
    const auto said = speak(c);
    if (!said) continue;
    lines.add({c.call_order, c.called, c.process, "invoke", said->f, said->argument, said->key});
    if (!c.returned) continue;
    const char* const how = c.ok() ? "ok" : c.outcome == certainty::not_done ? "fail" : "info";
    const std::string& told = c.ok() ? said->result : said->argument;
    lines.add({c.return_order, c.returned_at, c.process, how, said->f, told, said->key});
  }
  return lines.text();
}

}  // namespace

std::vector<resource_history> histories_of(const sim::history& book) {
  return {
      {"counter", "counter", "", history_of(book, "counter", speak_counter)},
      {"registers", "register", "0", history_of(book, "value", speak_value)},
      {"map", "map", "", history_of(book, "map", speak_map)},
      {"lock", "lock", "", lock_history(book)}};
}

}  // namespace atomix::tools
