// SPDX-License-Identifier: Apache-2.0
#include "sim/report/timeline.hpp"

#include "sim/report/escape.hpp"
#include "sim/report/page.hpp"

namespace atomix::sim {
namespace {

void write_lines(std::span<const std::string_view> lines, text_sink& out) {
  for (const std::string_view line : lines)
    out.write(line);
}

}  // namespace

void write_timeline(const run_record& record, text_sink& out) {
  for (const std::string_view line : page::html()) {
    if (line == "@title@\n") {
      out.write(html_text(record.title));
    } else if (line == "@style@\n") {
      write_lines(page::css(), out);
    } else if (line == "@record@\n") {
      write_record_json(record, out);
    } else if (line == "@script@\n") {
      write_lines(page::js(), out);
    } else {
      out.write(line);
    }
  }
}

}  // namespace atomix::sim
