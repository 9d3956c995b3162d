// SPDX-License-Identifier: Apache-2.0
/// \file The page `timeline.html`: one file that needs no other, no network and no server. Its
/// HTML, CSS and JavaScript are the files `page/` beside this one; this is how they get the record.
#pragma once

#include "sim/report/record.hpp"
#include "sim/report/text_sink.hpp"

namespace atomix::sim {

/// Cost: proportional to the record; holds a table of its distinct texts.
void write_timeline(const run_record& record, text_sink& out);

/// The record as the page reads it: JSON, with rows as arrays and each text once.
void write_record_json(const run_record& record, text_sink& out);

}  // namespace atomix::sim
