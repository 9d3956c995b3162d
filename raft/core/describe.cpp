// SPDX-License-Identifier: Apache-2.0
#include "raft/core/describe.hpp"

#include "raft/core/configuration.hpp"

#include <absl/strings/str_cat.h>
#include <absl/strings/str_join.h>

namespace atomix::raft {
namespace {

std::string nodes(const std::set<node_id>& set) {
  return absl::StrCat(
      "(",
      absl::StrJoin(
          set, " ", [](std::string* out, node_id id) { absl::StrAppend(out, id.value()); }),
      ")");
}

std::string describe_configuration(const entry& e) {
  const auto c = decode_configuration(e.data.view());
  if (!c.ok()) return "configuration(damaged)";
  std::string text = "voters" + nodes(c->voters);
  if (!c->outgoing.empty()) text += " outgoing" + nodes(c->outgoing);
  if (!c->learners.empty()) text += " learners" + nodes(c->learners);
  return text;
}

const char* name(ballot kind) {
  return kind == ballot::vote ? "vote" : "pre-vote";
}

struct writer {
  std::string operator()(const vote_request& m) const {
    return absl::StrCat(name(m.kind), "-request term=", m.term.value(), " last=", describe(m.last));
  }
  std::string operator()(const vote_reply& m) const {
    const char* answer = m.granted ? " granted" : " refused";
    return absl::StrCat(name(m.kind), "-reply term=", m.term.value(), answer);
  }
  std::string operator()(const append_request& m) const {
    const auto entries = absl::StrJoin(
        m.entries, ", ", [](std::string* out, const entry& e) { *out += describe(e); });
    return absl::StrCat(
        "append term=",
        m.term.value(),
        " previous=",
        describe(m.previous),
        " commit=",
        m.commit.value(),
        " [",
        entries,
        "]");
  }
  std::string operator()(const append_reply& m) const {
    const auto head = absl::StrCat("append-reply term=", m.term.value());
    if (m.accepted) return absl::StrCat(head, " accepted=", m.index.value());
    return absl::StrCat(head, " refused=", m.index.value(), " hint=", describe(m.hint));
  }
  std::string operator()(const heartbeat& m) const {
    return absl::StrCat(
        "heartbeat term=", m.term.value(), " commit=", m.commit.value(), " round=", m.round);
  }
  std::string operator()(const heartbeat_reply& m) const {
    return absl::StrCat("heartbeat-reply term=", m.term.value(), " round=", m.round);
  }
};

}  // namespace

std::string describe(entry_id id) {
  return absl::StrCat(id.term.value(), "/", id.index.value());
}

std::string describe(const entry& e) {
  const std::string id = describe(e.id);
  switch (e.kind) {
    case entry_kind::term_start:
      return id + " start";
    case entry_kind::command:
      return absl::StrCat(id, " ", std::string(e.data.view()));
    case entry_kind::configuration:
      return absl::StrCat(id, " ", describe_configuration(e));
    case entry_kind::time:
      return absl::StrCat(id, " time=", e.time.value());
  }
  return id + " unknown";
}

std::string describe(const message& m) {
  return std::visit(writer{}, m);
}

}  // namespace atomix::raft
