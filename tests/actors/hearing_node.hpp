// SPDX-License-Identifier: Apache-2.0
/// \file A node that does nothing but write down what its colleagues tell it.
#pragma once

#include "actors/interfaces.hpp"

#include "resources/session.pb.h"

#include <absl/strings/str_cat.h>

#include <string>
#include <vector>

namespace atomix::actors {

using words = std::vector<std::string>;

inline node_actor::behavior_type hearing_node(node_actor::pointer, words* heard) {
  return {
      [](const colleagues&) {},
      [](const peer_messages&) {},
      [=](const proposals& p) {
        heard->push_back(absl::StrCat(p.commands.size(), " proposed"));
        log::Entry e;
        if (e.ParseFromString(std::string(p.commands.front().view()))
            && e.close_session().let_expire())
          heard->back() += ", that a session may expire";
      },
      [=](const read_request& r) { heard->push_back(absl::StrCat("read ", r.id)); },
      [=](const log_saved& s) {
        heard->push_back(absl::StrCat(
            s.orders, " saved, last ", s.last.term.value(), "/", s.last.index.value()));
      },
      [=](const log_loaded& l) {
        heard->push_back(absl::StrCat("loaded ", l.entries.entries.size()));
      },
      [=](const log_failed& f) { heard->push_back(std::string(f.why.message())); },
      [](const applied_upto&) {},
      [=](const peer_down&) { heard->push_back("lost"); },
      [](const tick_due&) {},
      [](const turn_ends&) {},
      [](const view_request&) { return node_view{}; },
  };
}

}  // namespace atomix::actors
