// SPDX-License-Identifier: Apache-2.0
#include "actors/gateway_requests.hpp"

#include "actors/peers.hpp"
#include "actors/version.hpp"

#include "resources/session.pb.h"

#include "raft/base/probe.hpp"

#include <absl/strings/str_cat.h>

#include <utility>

namespace atomix::actors {
namespace {

// What one connection may have here at once. Clients of this library keep within half of it by
// themselves (session_options); one that does not is told so and cut off.
constexpr std::size_t entry_bytes_max = 8U << 20U;
constexpr std::size_t small_entry_bytes_max = 1U << 10U;  // keep-alives and their like
constexpr std::size_t token_bytes_max = 64;
constexpr std::size_t commands_max = 131'072;
constexpr std::size_t queries_max = 131'072;
constexpr std::size_t bytes_max = 128U << 20U;  // of commands; and again of queries
constexpr unsigned keep_alives_max = 1'000;
constexpr unsigned openings_max = 1'000;
constexpr std::size_t sessions_max = 10'000;

void refuse(gateway_self self, net::connection_id connection, const absl::Status& why) {
  auto& s = self->state;
  if (s.outside.log) {
    s.outside.log(
        severity::warning,
        absl::StrCat(
            "refused client ",
            s.clients[connection].remote,
            ": ",
            std::string(why.message()),
            "."));
  }
  s.outside.network->send(connection, refusal_frame(why));
  s.hang_up(connection);
  forget(self, connection);
}

// False, and the connection is over, if it asks for too much.
bool within(gateway_self self, net::connection_id connection, bool fits, const std::string& what) {
  if (!fits) {
    refuse(
        self,
        connection,
        absl::ResourceExhaustedError(absl::StrCat("too much at once on one connection: ", what)));
  }
  return fits;
}

bool within_size(
    gateway_self self, net::connection_id connection, std::size_t size, std::size_t size_max) {
  if (size <= size_max) return true;
  refuse(
      self,
      connection,
      absl::InvalidArgumentError(
          absl::StrCat("a request of ", size, " bytes exceeds the limit of ", size_max)));
  return false;
}

void greet(gateway_self self, net::connection_id connection, const net::frame& f) {
  auto& s = self->state;
  wire::ClientHello hello;
  const auto bytes = f.payload.view();
  if (!hello.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())))
    return refuse(self, connection, absl::InvalidArgumentError("malformed hello"));
  if (!hello.cluster().empty() && hello.cluster() != s.setup.cluster) {
    return refuse(
        self,
        connection,
        absl::FailedPreconditionError(absl::StrCat(
            "this is cluster '",
            s.setup.cluster,
            "', not '",
            hello.cluster(),
            "': check the client's servers and cluster name")));
  }
  s.clients[connection].greeted = true;
  wire::ServerHello answer;
  answer.set_cluster(s.setup.cluster);
  answer.set_id(s.self_id.value());
  answer.mutable_leadership()->set_term(s.lead.term.value());
  answer.mutable_leadership()->set_leader(s.lead.leader.value());
  for (const auto& m : s.setup.members) {
    auto* member = answer.add_members();
    member->set_id(id_of(m.name).value());
    member->set_name(m.name);
    member->set_address(m.address.to_string());
  }
  std::string out;
  net::append_frame(out, net::frame_type::server_hello, answer.SerializeAsString());
  s.outside.network->send(connection, std::move(out));
}

void open_session(gateway_self self, net::connection_id connection, wire::OpenSession& r) {
  auto& s = self->state;
  if (!s.leads()) return redirect(self, connection);
  if (!within_size(self, connection, r.token().size(), token_bytes_max)) return;
  if (!within_size(self, connection, r.entry().size(), small_entry_bytes_max)) return;
  auto& openings = s.clients[connection].openings;
  if (!within(self, connection, openings < openings_max, "sessions being opened")) return;
  auto& asked_by = s.opening[r.token()];
  if (asked_by != connection) {
    if (const auto other = s.clients.find(asked_by); other != s.clients.end())
      --other->second.openings;
    asked_by = connection;
    ++openings;
  }
  s.commands.emplace_back(std::move(*r.mutable_entry()));
  s.this_turn.gather();
}

void attach(gateway_self self, net::connection_id connection, const wire::Attach& r) {
  auto& s = self->state;
  if (!s.leads()) return redirect(self, connection);
  const session_id session{r.session()};
  auto& mine = s.clients[connection].sessions;
  if (!within(self, connection, mine.size() < sessions_max, "sessions")) return;
  attachment& a = s.sessions[session];
  // The newest attempt counts: its client gave up the connection of an older one.
  if (a.attempt != 0 && r.attempt() <= a.attempt) return;
  if (a.connection != connection) {
    if (!a.connection.is_none()) {
      sometimes(probe::session_changes_connection);
      s.clients[a.connection].sessions.erase(session);
    }
    mine.insert(session);
  }
  // Whatever was proposed by this leader will be answered. Only answers that were lost on the way
  // must be asked for again.
  if (r.next_sequence() < a.oldest || r.next_sequence() > a.expected) {
    a = attachment{};
    a.expected = a.oldest = r.next_sequence();
  } else if (!a.sizes.empty()) {
    sometimes(probe::commands_still_on_their_way);
    settle(a, r.next_sequence() - 1);
  }
  a.connection = connection;
  a.attempt = r.attempt();
  a.wanted = r.next_sequence();
  a.resumed = a.gap_reported = false;
  a.keep_alives = 0;
  self->send(s.others.applier, resume_session{session, r.events_seen()});
  respond(self, connection).mutable_attached()->set_session(r.session());
}

attachment* attached(gateway_self self, net::connection_id connection, std::uint64_t session) {
  const auto i = self->state.sessions.find(session_id{session});
  const bool here = i != self->state.sessions.end() && i->second.connection == connection;
  return here ? &i->second : nullptr;
}

void command(gateway_self self, net::connection_id connection, wire::Command& r) {
  auto& s = self->state;
  auto* a = attached(self, connection, r.session());
  if (a == nullptr) return;  // it was told to attach again, or will be
  // A repeated frame: its first copy is on its way.
  if (r.sequence() < a->expected) return sometimes(probe::request_repeated);
  if (r.sequence() > a->expected) {
    if (std::exchange(a->gap_reported, true)) return;
    sometimes(probe::request_missing);
    auto* gap = respond(self, connection).mutable_out_of_order();
    gap->set_session(r.session());
    gap->set_expected(a->expected);
    return;
  }
  const auto size = r.entry().size();
  if (!within_size(self, connection, size, entry_bytes_max)) return;
  const bool fits = a->sizes.size() < commands_max && a->bytes + size <= bytes_max;
  if (!within(self, connection, fits, "commands without an answer")) return;
  ++a->expected;
  a->sizes.push_back(size);
  a->bytes += size;
  a->gap_reported = false;
  s.commands.emplace_back(std::move(*r.mutable_entry()));
  s.this_turn.gather();
}

// Keep-alives and closings have no place in the sequence, only a session.
void enter(
    gateway_self self, net::connection_id connection, std::uint64_t session, std::string* entry) {
  auto& s = self->state;
  auto* a = attached(self, connection, session);
  if (a == nullptr) return;
  if (!within_size(self, connection, entry->size(), small_entry_bytes_max)) return;
  if (!within(self, connection, a->keep_alives < keep_alives_max, "keep-alives")) return;
  ++a->keep_alives;
  s.commands.emplace_back(std::move(*entry));
  s.this_turn.gather();
}

// False if it is refused, or asked again while it is on its way: clients do that when an answer
// takes long, and each copy would wait beside the others.
bool count_query(gateway_self self, net::connection_id connection, const wire::Query& r) {
  auto& client = self->state.clients[connection];
  const auto size = r.query().size();
  if (!within_size(self, connection, size, entry_bytes_max)) return false;
  const bool fits = client.queries.size() < queries_max && client.query_bytes + size <= bytes_max;
  if (!within(self, connection, fits, "queries without an answer")) return false;
  const bool fresh = client.queries.emplace(r.id(), size).second;
  if (!fresh) sometimes(probe::request_repeated);
  if (fresh) client.query_bytes += size;
  return fresh;
}

void query(gateway_self self, net::connection_id connection, const wire::Query& r) {
  auto& s = self->state;
  if (r.consistency() == wire::ATOMIC && !s.leads()) return redirect(self, connection);
  log::Query what;
  if (!what.ParseFromString(r.query())) {
    auto* reply = respond(self, connection).mutable_query_reply();
    reply->set_id(r.id());
    reply->set_code(static_cast<std::uint32_t>(absl::StatusCode::kInvalidArgument));
    reply->set_error("malformed query");
    return;
  }
  if (!count_query(self, connection, r)) return;
  query_order order;
  order.connection = connection;
  order.id = r.id();
  order.session = session_id{r.session()};
  order.name = std::move(*what.mutable_resource());
  order.type = std::move(*what.mutable_type());
  order.operation = std::move(*what.mutable_operation());
  if (r.consistency() == wire::ATOMIC) {
    order.after_sequence = r.after_sequence();
    s.reads.push_back(std::move(order));
    return s.this_turn.gather();
  }
  if (r.consistency() == wire::SEQUENTIAL) {
    order.seen = index_t{r.seen_index()};
    order.after_sequence = r.after_sequence();
  }
  const auto at_least = order.seen;
  std::vector<query_order> one;
  one.push_back(std::move(order));
  self->send(s.others.applier, query_orders{at_least, std::move(one)});
}

void fill_status(gateway_self self, wire::StatusReply& out, const node_view& node) {
  const auto& s = self->state;
  const raft::status& raft = node.status;
  out.set_cluster(s.setup.cluster);
  out.set_id(s.self_id.value());
  out.set_name(s.setup.name);
  out.set_role(std::string(raft::to_string(raft.role)));
  out.set_term(raft.state.term.value());
  out.set_leader(raft.leader.value());
  out.set_commit(raft.commit.value());
  out.set_last(raft.last.index.value());
  out.set_log_time_ms(raft.now.value());
  out.set_version(version);
  for (const auto& m : s.setup.members) {
    auto* member = out.add_members();
    const auto id = id_of(m.name);
    member->set_id(id.value());
    member->set_name(m.name);
    member->set_address(m.address.to_string());
    const auto i = node.peers.find(id);
    if (i == node.peers.end()) continue;
    member->set_match(i->second.match.value());
    member->set_active(i->second.active);
  }
}

void status(gateway_self self, net::connection_id connection) {
  // A replica that stops leaves its clients too: no answer, but the end of the connection.
  const auto ignore = [](const caf::error&) {
  };
  const auto answer = [=](const node_view& node, const applier_view& applier) {
    if (!self->state.clients.contains(connection)) return;
    auto* out = respond(self, connection).mutable_status();
    fill_status(self, *out, node);
    out->set_applied(applier.applied.value());
    out->set_sessions(applier.sessions);
    out->set_resources(applier.resources);
    end_message(self);
  };
  self->request(self->state.others.node, caf::infinite, view_request{})
      .then(
          [=](const node_view& node) {
            self->request(self->state.others.applier, caf::infinite, view_request{})
                .then([=](const applier_view& a) { answer(node, a); }, ignore);
          },
          ignore);
}

void pong(gateway_self self, net::connection_id connection, std::uint64_t id) {
  const auto& lead = self->state.lead;
  auto* out = respond(self, connection).mutable_pong();
  out->set_id(id);
  out->mutable_leadership()->set_term(lead.term.value());
  out->mutable_leadership()->set_leader(lead.leader.value());
}

void handle(gateway_self self, net::connection_id connection, wire::Request& r) {
  using body = wire::Request::BodyCase;
  switch (r.body_case()) {
    case body::kOpenSession:
      return open_session(self, connection, *r.mutable_open_session());
    case body::kAttach:
      return attach(self, connection, r.attach());
    case body::kCommand:
      return command(self, connection, *r.mutable_command());
    case body::kQuery:
      return query(self, connection, r.query());
    case body::kKeepAlive:
      return enter(
          self, connection, r.keep_alive().session(), r.mutable_keep_alive()->mutable_entry());
    case body::kCloseSession:
      return enter(
          self,
          connection,
          r.close_session().session(),
          r.mutable_close_session()->mutable_entry());
    case body::kStatus:
      return status(self, connection);
    case body::kPing:
      return pong(self, connection, r.ping().id());
    case body::BODY_NOT_SET:
      return refuse(self, connection, absl::UnimplementedError("a request of a newer version"));
  }
}

}  // namespace

void handle_frames(gateway_self self, inbound& in) {
  auto& s = self->state;
  for (const auto& f : in.frames) {
    const auto i = s.clients.find(in.connection);
    if (i == s.clients.end()) return;
    if (f.type == net::frame_type::client_hello) {
      greet(self, in.connection, f);
      continue;
    }
    wire::RequestBatch batch;
    const auto bytes = f.payload.view();
    const bool readable = f.type == net::frame_type::requests && i->second.greeted
                          && batch.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
    if (!readable)
      return refuse(self, in.connection, absl::InvalidArgumentError("malformed requests"));
    for (auto& r : *batch.mutable_requests()) {
      handle(self, in.connection, r);
      if (!s.clients.contains(in.connection)) return;  // refused
    }
  }
}

}  // namespace atomix::actors
