// SPDX-License-Identifier: Apache-2.0
#include "actors/resource.hpp"

#include <utility>

namespace atomix::actors {
namespace {

using self_pointer = resource_actor::stateful_pointer<resource_state>;

void run(self_pointer self, const resources::batch& work) {
  auto& s = self->state;
  resource_results out;
  out.resource = s.parts.number;
  out.results = s.host->run(work);
  if (s.parts.hash_states) out.state_hash = s.host->state_hash();
  self->send(s.parts.applier, std::move(out));
}

void answer(self_pointer self, const resource_queries& in) {
  auto& s = self->state;
  query_answers out;
  out.answers.reserve(in.queries.size());
  for (const auto& q : in.queries) {
    out.answers.push_back(
        {q.connection, q.id, in.index, s.host->query(q.session, in.now, q.operation)});
  }
  self->send(s.parts.gateway, std::move(out));
}

}  // namespace

resource_actor::behavior_type resource(
    self_pointer self,
    const resource_parts& parts,
    const std::shared_ptr<resources::machine_host>& host) {
  self->state.parts = parts;
  self->state.host = host;
  return {
      [=](const resource_work& work) { run(self, work.batch); },
      [=](const resource_queries& in) { answer(self, in); },
  };
}

}  // namespace atomix::actors
