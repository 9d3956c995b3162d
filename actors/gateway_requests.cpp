// SPDX-License-Identifier: Apache-2.0
#include "actors/gateway_requests.hpp"

#include "actors/peers.hpp"
#include "actors/version.hpp"

#include "resources/session.pb.h"

#include <absl/strings/str_cat.h>

#include <utility>

namespace atomix::actors {
namespace {

/// Larger commands are refused by the client's side; a client that sends one anyway is cut off.
constexpr std::size_t entry_bytes_max = 8U << 20U;

void refuse(gateway_self self, net::connection_id connection, const absl::Status& why) {
  auto& s = self->state;
  if (s.outside.log)
    s.outside.log(
        severity::warning,
        absl::StrCat(
            "refused client ",
            s.clients[connection].remote,
            ": ",
            std::string(why.message()),
            "."));
  s.outside.network->send(connection, refusal_frame(why));
  s.outside.network->close(connection);
  // Its own end of the connection is not reported any more: forget it as if it had closed.
  self->send(gateway_actor{self}, connection_closed{connection, why});
}

void greet(gateway_self self, net::connection_id connection, const net::frame& f) {
  auto& s = self->state;
  wire::ClientHello hello;
  const auto bytes = f.payload.view();
  if (!hello.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())))
    return refuse(self, connection, absl::InvalidArgumentError("malformed hello"));
  if (!hello.cluster().empty() && hello.cluster() != s.setup.cluster)
    return refuse(
        self,
        connection,
        absl::FailedPreconditionError(absl::StrCat(
            "this is cluster '",
            s.setup.cluster,
            "', not '",
            hello.cluster(),
            "': check the client's servers and cluster name")));
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
  s.opening[r.token()] = connection;
  s.commands.emplace_back(std::move(*r.mutable_entry()));
  queue_flush(self);
}

void attach(gateway_self self, net::connection_id connection, const wire::Attach& r) {
  auto& s = self->state;
  if (!s.leads()) return redirect(self, connection);
  const session_id session{r.session()};
  // The newest connection of a session counts: the client gave up the older one.
  if (const auto i = s.sessions.find(session); i != s.sessions.end() && i->second != connection)
    if (const auto old = s.clients.find(i->second); old != s.clients.end())
      old->second.sessions.erase(session);
  s.sessions[session] = connection;
  s.clients[connection].sessions[session] = attachment{r.next_sequence(), false};
  self->send(s.others.applier, resume_session{session, r.events_seen()});
  respond(self, connection).mutable_attached()->set_session(r.session());
}

attachment* attached(gateway_self self, net::connection_id connection, std::uint64_t session) {
  auto& sessions = self->state.clients[connection].sessions;
  const auto i = sessions.find(session_id{session});
  return i == sessions.end() ? nullptr : &i->second;
}

void command(gateway_self self, net::connection_id connection, wire::Command& r) {
  auto& s = self->state;
  auto* a = attached(self, connection, r.session());
  if (a == nullptr) return;                // it was told to attach again, or will be
  if (r.sequence() < a->expected) return;  // a repeated frame: its first copy is on its way
  if (r.sequence() > a->expected) {
    if (std::exchange(a->gap_reported, true)) return;
    auto* gap = respond(self, connection).mutable_out_of_order();
    gap->set_session(r.session());
    gap->set_expected(a->expected);
    return;
  }
  if (r.entry().size() > entry_bytes_max)
    return refuse(
        self,
        connection,
        absl::InvalidArgumentError(absl::StrCat(
            "a command of ", r.entry().size(), " bytes exceeds the limit of ", entry_bytes_max)));
  ++a->expected;
  a->gap_reported = false;
  s.commands.emplace_back(std::move(*r.mutable_entry()));
  queue_flush(self);
}

// Keep-alives and closings have no place in the sequence, only a session.
void enter(
    gateway_self self, net::connection_id connection, std::uint64_t session, std::string* entry) {
  auto& s = self->state;
  if (attached(self, connection, session) == nullptr) return;
  s.commands.emplace_back(std::move(*entry));
  queue_flush(self);
}

void query(gateway_self self, net::connection_id connection, const wire::Query& r) {
  auto& s = self->state;
  log::Query what;
  if (!what.ParseFromString(r.query())) {
    auto* reply = respond(self, connection).mutable_query_reply();
    reply->set_id(r.id());
    reply->set_code(static_cast<std::uint32_t>(absl::StatusCode::kInvalidArgument));
    reply->set_error("malformed query");
    return;
  }
  query_order order;
  order.connection = connection;
  order.id = r.id();
  order.session = session_id{r.session()};
  order.name = std::move(*what.mutable_resource());
  order.type = std::move(*what.mutable_type());
  order.operation = std::move(*what.mutable_operation());
  if (r.consistency() == wire::ATOMIC) {
    if (!s.leads()) return redirect(self, connection);
    order.after_sequence = r.after_sequence();
    s.reads.push_back(std::move(order));
    return queue_flush(self);
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

void fill_status(gateway_self self, wire::StatusReply& out, const raft::status& raft) {
  const auto& s = self->state;
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
    const auto i = raft.peers.find(id);
    if (i == raft.peers.end()) continue;
    member->set_match(i->second.match.value());
    member->set_active(i->second.active);
  }
}

void status(gateway_self self, net::connection_id connection) {
  self->request(self->state.others.node, caf::infinite, view_request{})
      .then([=](const node_view& node) {
        auto& s = self->state;
        self->request(s.others.applier, caf::infinite, view_request{})
            .then([=, raft = node.status](const applier_view& applier) {
              if (!self->state.clients.contains(connection)) return;
              auto* out = respond(self, connection).mutable_status();
              fill_status(self, *out, raft);
              out->set_applied(applier.applied.value());
              out->set_sessions(applier.sessions);
              out->set_resources(applier.resources);
            });
      });
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
    for (auto& r : *batch.mutable_requests())
      handle(self, in.connection, r);
  }
}

}  // namespace atomix::actors
