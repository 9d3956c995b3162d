// SPDX-License-Identifier: Apache-2.0
#include "actors/applier.hpp"

#include "resources/session.pb.h"

#include "raft/base/probe.hpp"

#include <absl/strings/str_cat.h>

#include <utility>

namespace atomix::actors {
namespace {

resources::query_result failure(const absl::Status& status) {
  return {status.code(), std::string(status.message()), {}};
}

// What there is: the answer to a query that names no type.
resources::query_result list_resources(const applier_state& s, const query_order& q) {
  log::Catalog catalog;
  for (const auto& [name, number] : s.directory) {
    if (!q.name.empty() && q.name != name) continue;
    auto* r = catalog.add_resources();
    r->set_name(name);
    r->set_type(s.slots.at(number).type);
  }
  if (catalog.ByteSizeLong() > resources::answer_bytes_max)
    return failure(resources::answer_too_large());
  return {absl::StatusCode::kOk, {}, catalog.SerializeAsString()};
}

// A resource that nobody has used yet is in its first state.
resources::query_result ask_fresh(const applier_state& s, const query_order& q) {
  const auto host = s.registry.make(q.type);
  if (host == nullptr) {
    return failure(absl::InvalidArgumentError(
        absl::StrCat("unknown resource type '", q.type, "': the servers do not have it")));
  }
  return host->query(q.session, s.now, q.operation);
}

/// Answers now what needs no resource; otherwise says which resource to ask.
std::optional<resources::query_result> answer_here(const applier_state& s, const query_order& q) {
  if (q.type.empty()) return list_resources(s, q);
  const auto i = s.directory.find(q.name);
  if (i == s.directory.end()) return ask_fresh(s, q);
  const auto& slot = s.slots.at(i->second);
  if (slot.type == q.type) return std::nullopt;
  return failure(absl::FailedPreconditionError(absl::StrCat(
      "inconsistent resource type: '", q.name, "' is a ", slot.type, ", not a ", q.type)));
}

// A session reads its own writes: commands sent before the query are applied first. A session that
// is gone has nothing to wait for.
bool must_wait(const applier_state& s, index_t at_least, const query_order& q) {
  if (s.applied < at_least || s.applied < q.seen) return true;
  // A session's number is the index of its opening: until then it is not gone, but to come.
  if (q.after_sequence != 0 && s.applied < index_t{q.session.value()}) return true;
  return s.sessions.is_in_use(q.session) && s.sessions.last_sequence(q.session) < q.after_sequence;
}

}  // namespace

void answer_queries(applier_self self, query_orders& orders) {
  auto& s = self->state;
  query_answers here;
  query_orders later{orders.at_least, {}};
  std::map<std::uint64_t, std::vector<query_order>> by_resource;
  for (auto& q : orders.queries) {
    if (must_wait(s, orders.at_least, q)) {
      sometimes(probe::query_waits);
      later.queries.push_back(std::move(q));
    } else if (auto result = answer_here(s, q)) {
      here.answers.push_back({q.connection, q.id, s.applied, std::move(*result)});
    } else {
      by_resource[s.directory.find(q.name)->second].push_back(std::move(q));
    }
  }
  if (!here.answers.empty()) self->send(s.others.gateway, std::move(here));
  for (auto& [number, queries] : by_resource)
    self->send(s.slots.at(number).actor, resource_queries{s.applied, s.now, std::move(queries)});
  if (!later.queries.empty()) s.queries.push_back(std::move(later));
}

}  // namespace atomix::actors
