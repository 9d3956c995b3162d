// SPDX-License-Identifier: Apache-2.0
#include "sim/checker/read_history.hpp"

#include "sim/checker/cat.hpp"
#include "sim/checker/edn.hpp"
#include "sim/checker/event_pairing.hpp"

#include <array>
#include <utility>

namespace atomix::checker {
namespace {

std::optional<event_kind> kind_of(std::string_view word) {
  constexpr std::array<std::pair<std::string_view, event_kind>, 4> kinds{
      {{"invoke", event_kind::invoke},
       {"ok", event_kind::ok},
       {"fail", event_kind::fail},
       {"info", event_kind::info}}};
  for (const auto& [name, kind] : kinds)
    if (name == word) return kind;
  return std::nullopt;
}

// A keyword, symbol or text.
std::string name_of(const value& v) {
  if (const auto* k = v.as<keyword>()) return k->name;
  if (const auto* s = v.as<symbol>()) return s->name;
  if (const auto* t = v.as<std::string>()) return *t;
  return {};
}

absl::Status wrong(const std::string& sentence) {
  return absl::InvalidArgumentError(sentence);
}

// What does to the system instead of using it: no client.
bool is_nemesis(const value& process) {
  return name_of(process) == "nemesis";
}

struct edn_names {
  value process = value::word("process"), type = value::word("type"), f = value::word("f");
  value content = value::word("value"), time = value::word("time"), key = value::word("key");
  value index = value::word("log-index"), model = value::word("model");
};

class edn_history {
 public:
  edn_history(std::string_view text, const read_options& options, edn_reader::notation notation)
      : reader_(text, notation), options_(options) {}

  absl::Status read() {
    static_cast<void>(reader_.enter());
    while (true) {
      auto next = reader_.next();
      if (!next.ok()) return next.status();
      if (!next->has_value()) return absl::OkStatus();
      if (const absl::Status s = add(**next); !s.ok())
        return wrong(cat("line ", reader_.line(), ": ", std::string{s.message()}));
    }
  }
  event_pairing& pairing() { return pairing_; }

 private:
  absl::Status add(const value& v) {
    if (const auto* items = v.items()) {
      for (const value& item : *items)
        if (absl::Status s = add(item); !s.ok()) return s;
      return absl::OkStatus();
    }
    if (const auto* tag = v.as<tagged>()) return add(tag->items.front());
    if (v.as<dictionary>() == nullptr) {
      return wrong(
          cat("an event is expected, not ",
              to_text(v),
              ". Write {:process 0, :type :invoke, :f :read, :value nil}."));
    }
    return add_event(v);
  }

  absl::Status add_event(const value& v) {
    const value* process = v.find(names_.process);
    if (process == nullptr)
      return wrong("an event has no :process. Write the number of the client, as in :process 0.");
    if (is_nemesis(*process)) return absl::OkStatus();
    const value* type = v.find(names_.type);
    const auto kind = type == nullptr ? std::nullopt : kind_of(name_of(*type));
    if (!kind) return wrong("an event has no :type. Write :invoke, :ok, :fail or :info.");
    const value* f = v.find(names_.f);
    if (f == nullptr || name_of(*f).empty())
      return wrong("an event has no :f. Write what was called, as in :f :read.");
    event e;
    e.kind = *kind;
    e.process = *process;
    e.f = name_of(*f);
    if (const value* content = v.find(names_.content)) e.content = *content;
    if (const value* key = v.find(names_.key); key != nullptr && !key->is_nil()) e.key = *key;
    if (const value* model = v.find(names_.model)) e.model = name_of(*model);
    if (const auto* time = number(v, names_.time)) e.time_ns = *time;
    if (const auto* index = number(v, names_.index)) e.index = static_cast<std::uint64_t>(*index);
    e.line = reader_.line();
    if (!e.key) take_key(e, options_.independent);
    return pairing_.add(std::move(e));
  }

  static const std::int64_t* number(const value& v, const value& name) {
    const value* found = v.find(name);
    return found == nullptr ? nullptr : found->as<std::int64_t>();
  }

  edn_reader reader_;
  const read_options& options_;
  edn_names names_;
  event_pairing pairing_;
};

// Takes the next word off a line.
std::string_view take_word(std::string_view& line) {
  constexpr std::string_view spaces = " \t\r";
  line.remove_prefix(std::min(line.find_first_not_of(spaces), line.size()));
  const std::string_view word = line.substr(0, line.find_first_of(spaces));
  line.remove_prefix(word.size());
  return word;
}

// What stands behind an operation: a value, and perhaps words about an error.
absl::Status read_content(std::string_view line, event& e) {
  edn_reader rest{line};
  auto content = rest.next();
  if (!content.ok()) {
    if (e.kind == event_kind::info) return absl::OkStatus();
    const std::string said{content.status().message()};
    return wrong(cat("the value of ", e.f, " cannot be read, ", said.substr(said.find(": ") + 2)));
  }
  if (content->has_value()) e.content = **std::move(content);
  if (e.kind != event_kind::fail) return absl::OkStatus();
  // A failure with a reason does not tell that another value was there.
  auto reason = rest.next();
  if (!reason.ok() || reason->has_value()) e.content = value::word("failed");
  return absl::OkStatus();
}

// Nothing if the line tells of no client: other lines of a log are none of our business.
absl::StatusOr<std::optional<event>> event_of_line(std::string_view line) {
  std::string_view before;
  std::string_view word = take_word(line);
  while (!word.empty() && !(word.front() == ':' && kind_of(word.substr(1)))) {
    before = word;
    word = take_word(line);
  }
  if (word.empty() || before.empty()) return std::optional<event>{};
  const auto process = parse_value(before);
  if (!process.ok() || process->as<std::int64_t>() == nullptr) return std::optional<event>{};
  event e;
  e.kind = *kind_of(word.substr(1));
  e.process = *process;
  const std::string_view f = take_word(line);
  if (f.size() < 2 || f.front() != ':') return std::optional<event>{};
  e.f = std::string{f.substr(1)};
  if (const absl::Status s = read_content(line, e); !s.ok()) return s;
  return std::optional{std::move(e)};
}

absl::Status read_console_log(
    std::string_view text, const read_options& options, event_pairing& pairing) {
  std::size_t number = 0;
  while (!text.empty()) {
    ++number;
    const std::size_t length = std::min(text.find('\n'), text.size());
    auto e = event_of_line(text.substr(0, length));
    text.remove_prefix(std::min(length + 1, text.size()));
    absl::Status s = e.status();
    if (s.ok() && e->has_value()) {
      (*e)->line = number;
      take_key(**e, options.independent);
      s = pairing.add(**std::move(e));
    }
    if (!s.ok()) return wrong(cat("line ", number, ": ", std::string{s.message()}));
  }
  return absl::OkStatus();
}

history_format detect(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n,");
  if (first == std::string_view::npos) return history_format::edn;
  const bool bracket = std::string_view{"{[(#;^"}.find(text[first]) != std::string_view::npos;
  if (!bracket) return history_format::console_log;
  const std::size_t name = text.find("\"process\"");
  if (name < text.find(":process")) return history_format::json;
  // A log may begin with the time in brackets.
  const bool like_a_log = contains(text, "\t:invoke\t") || contains(text, " :invoke :");
  return like_a_log && !contains(text, ":process") ? history_format::console_log
                                                   : history_format::edn;
}

}  // namespace

absl::StatusOr<history> read_history(
    std::string_view text, const std::string& source, const read_options& options) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);  // says that it is UTF-8
  history_format format = options.format;
  if (format == history_format::detect) format = detect(text);
  const bool log = format == history_format::console_log;
  const bool json = format == history_format::json;
  event_pairing from_log;
  edn_history from_edn{
      text, options, json ? edn_reader::notation::json : edn_reader::notation::edn};
  const absl::Status done = log ? read_console_log(text, options, from_log) : from_edn.read();
  if (!done.ok()) return wrong(cat(source, ": ", std::string{done.message()}));
  history h = (log ? from_log : from_edn.pairing()).take();
  if (log && h.operations.empty() && text.find_first_not_of(" \t\r\n") != std::string_view::npos) {
    return wrong(
        cat(source,
            ": line 1: no event in the whole text. Give EDN such as {:process 0, :type :invoke, :f "
            ":read, :value nil}, or lines of Jepsen's console log."));
  }
  h.source = source;
  h.nil = options.nil.value_or(log ? nil_result::observed : nil_result::unobserved);
  h.failed_cas_observes = log;
  return h;
}

}  // namespace atomix::checker
