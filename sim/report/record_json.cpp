// SPDX-License-Identifier: Apache-2.0
// The other side is page/record.js: whoever changes a row here changes it there.
#include "sim/report/escape.hpp"
#include "sim/report/timeline.hpp"

#include <deque>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace atomix::sim {
namespace {

/// Gives each distinct text a number: most labels of a run are repeated often.
class text_table {
 public:
  std::string number(const std::string& text) {
    const auto [place, is_new] = numbers_.try_emplace(text, texts_.size());
    if (is_new) texts_.emplace_back(text);
    return std::to_string(place->second);
  }
  void write(text_sink& out) const {
    const char* between = "\n";
    for (const std::string_view text : texts_) {
      out.write(between + json_string(text));
      between = ",\n";
    }
  }

 private:
  // Views of texts of the record, which outlives the table. Looked up only, never walked.
  std::unordered_map<std::string_view, std::size_t> numbers_;
  std::deque<std::string_view> texts_;
};

/// `"name":[[...],[...]]`, a row for each item.
template <class Items, class Row>
void write_rows(text_sink& out, std::string_view name, const Items& items, Row row) {
  out.write("\"");
  out.write(name);
  out.write("\":[");
  const char* between = "\n[";
  for (const auto& item : items) {
    out.write(between + row(item) + "]");
    between = ",\n[";
  }
  out.write("],\n");
}

std::string show(std::uint64_t number) {
  return std::to_string(number);
}

template <class... Parts>
std::string row_of(const std::string& first, const Parts&... rest) {
  return (first + ... + ("," + rest));
}

void write_head(const run_record& r, text_sink& out) {
  // 64-bit numbers as text: JavaScript's numbers end at 2^53.
  out.write("\"seed\":\"" + show(r.seed) + "\",\"hash\":\"" + hexadecimal(r.trace_hash) + "\",\n");
  out.write("\"title\":" + json_string(r.title) + ",\n\"command\":" + json_string(r.command));
  out.write(",\n\"build\":" + json_string(r.build) + ",\n\"plan\":" + json_string(r.plan));
  out.write(",\n\"planted\":" + json_string(r.planted) + ",\n\"repro\":" + json_string(r.repro));
  out.write(",\n\"reproSize\":" + json_string(r.repro_size));
  out.write(",\n\"reproReport\":" + json_string(r.repro_report) + ",\n\"valid\":");
  out.write(r.valid ? "true" : "false");
  out.write(",\"duration\":" + show(r.duration) + ",\n");
  write_rows(out, "findings", r.findings, [](const finding& f) {
    return row_of(json_string(f.check), json_string(f.sentence), json_string(f.where), show(f.at));
  });
  write_rows(out, "statistics", r.statistics, [](const auto& s) {
    return row_of(json_string(s.first), json_string(s.second));
  });
  write_rows(out, "leftOut", r.left_out, [](const std::string& what) { return json_string(what); });
  write_rows(out, "lanes", r.lanes, [](const lane& l) {
    return row_of(json_string(l.name), std::string(l.replica ? "1" : "0"));
  });
}

void write_world(const run_record& r, text_table& texts, text_sink& out) {
  write_rows(out, "roles", r.roles, [&](const role_span& s) {
    return row_of(show(s.lane), show(s.from), show(s.to), texts.number(s.role), show(s.term));
  });
  write_rows(out, "messages", r.messages, [&](const message_arrow& m) {
    const auto fate = static_cast<std::uint64_t>(m.fate);
    return row_of(
        show(m.from), show(m.to), show(m.sent), show(m.arrived), show(fate), texts.number(m.label));
  });
  write_rows(out, "disk", r.disk, [&](const disk_mark& d) {
    return row_of(
        show(d.lane), show(d.from), show(d.to), texts.number(d.what), texts.number(d.label));
  });
  write_rows(out, "faults", r.faults, [&](const fault_band& f) {
    std::string lanes;
    for (const std::size_t l : f.lanes)
      lanes += (lanes.empty() ? "" : ",") + show(l);
    return row_of(
        texts.number(f.kind), show(f.from), show(f.to), "[" + lanes + "]", texts.number(f.label));
  });
  write_rows(out, "clocks", r.clocks, [](const clock_point& c) {
    return row_of(show(c.lane), show(c.at), std::to_string(c.offset_ns));
  });
}

std::string call_row(const call_bar& c, text_table& texts) {
  return row_of(
      show(c.lane),
      show(c.process),
      texts.number(c.resource),
      texts.number(c.f),
      texts.number(c.arguments),
      texts.number(c.result),
      show(c.call),
      show(c.ret),
      show(static_cast<std::uint64_t>(c.outcome)),
      c.order ? show(*c.order) : std::string("null"),
      std::string(c.impossible ? "1" : "0"),
      texts.number(c.why),
      texts.number(c.error));
}

std::vector<const call_bar*> shown_calls(const run_record& record) {
  std::vector<const call_bar*> shown;
  for (std::size_t i = record.calls_in_history_only; i < record.calls.size(); ++i) {
    if (!record.calls[i].implied) shown.push_back(&record.calls[i]);
  }
  return shown;
}

std::string entry_row(const log_entry& e, text_table& texts) {
  std::string committed;
  for (std::size_t i = 0; i < e.committed.size(); ++i) {
    committed += i == 0 ? "" : ",";
    committed += e.committed[i] ? show(*e.committed[i]) : "null";
  }
  std::string conflicting;
  for (std::size_t i = 0; i < e.conflicting.size(); ++i) {
    if (e.conflicting[i]) conflicting += (conflicting.empty() ? "" : ",") + show(i);
  }
  return row_of(
      show(e.index),
      show(e.term),
      texts.number(e.text),
      "[" + committed + "]",
      "[" + conflicting + "]");
}

}  // namespace

void write_record_json(const run_record& record, text_sink& out) {
  text_table texts;
  out.write("{");
  write_head(record, out);
  write_world(record, texts, out);
  write_rows(
      out, "calls", shown_calls(record), [&](const call_bar* c) { return call_row(*c, texts); });
  write_rows(out, "log", record.log, [&](const log_line& l) {
    return row_of(show(l.lane), show(l.at), texts.number(l.kind), texts.number(l.text));
  });
  write_rows(
      out, "entries", record.entries, [&](const log_entry& e) { return entry_row(e, texts); });
  out.write("\"texts\":[");
  texts.write(out);
  out.write("]}\n");
}

}  // namespace atomix::sim
