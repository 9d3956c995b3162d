// SPDX-License-Identifier: Apache-2.0
#include "actors/peers.hpp"

#include "net/wire.pb.h"
#include "net/wire_codec.hpp"

#include "raft/base/probe.hpp"

#include <absl/container/inlined_vector.h>
#include <absl/strings/str_cat.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>

namespace atomix::actors {
namespace {

using self_pointer = peers_actor::stateful_pointer<peers_state>;

constexpr std::uint64_t redial_ms_min = 20;
constexpr std::uint64_t redial_ms_max = 1000;

void dial(self_pointer self, node_id peer) {
  auto& s = self->state;
  auto& link = s.links.at(peer);
  link.dialled = s.outside.network->dial(link.who.address, *s.handler);
  s.by_dialled[link.dialled] = peer;
}

// Full jitter: replicas that lost each other at once do not come back in step.
void redial_later(self_pointer self, node_id peer) {
  auto& s = self->state;
  auto& link = s.links.at(peer);
  const auto cap = std::min(redial_ms_max, redial_ms_min << std::min(link.attempts, 8U));
  ++link.attempts;
  const auto pause = redial_ms_min + s.random.below(cap);
  self->delayed_send(peers_actor{self}, std::chrono::milliseconds{pause}, redial_due{peer});
}

void say(self_pointer self, severity level, const std::string& sentence) {
  if (self->state.outside.log) self->state.outside.log(level, sentence);
}

void on_opened(self_pointer self, net::connection_id connection) {
  auto& s = self->state;
  const auto i = s.by_dialled.find(connection);
  if (i == s.by_dialled.end()) return;
  auto& link = s.links.at(i->second);
  link.up = true;
  link.attempts = 0;
  link.last_complaint.clear();
  wire::PeerHello hello;
  hello.set_cluster(s.setup.cluster);
  hello.set_from(s.self_id.value());
  hello.set_name(s.setup.name);
  hello.set_to(i->second.value());
  std::string bytes;
  net::append_frame(bytes, net::frame_type::peer_hello, hello.SerializeAsString());
  s.outside.network->send(connection, std::move(bytes));
}

void lost(self_pointer self, node_id peer) {
  if (self->state.others.node) self->send(self->state.others.node, peer_down{peer});
}

void complain(self_pointer self, peer_link& link, const absl::Status& why) {
  std::string text = absl::StrCat(
      "no connection to ",
      link.who.name,
      " at ",
      link.who.address.to_string(),
      ": ",
      std::string(why.message()),
      "; trying again.");
  if (text == link.last_complaint) return;
  say(self, severity::warning, text);
  link.last_complaint = std::move(text);
}

void on_closed(self_pointer self, const connection_closed& c) {
  auto& s = self->state;
  if (const auto i = s.accepted.find(c.connection); i != s.accepted.end()) {
    const auto peer = i->second;
    s.accepted.erase(i);
    // An old connection of a node that has come back means nothing.
    const bool back = std::any_of(s.accepted.begin(), s.accepted.end(), [&](const auto& other) {
      return other.second == peer;
    });
    if (back) sometimes(probe::old_peer_connection_ends);
    if (!back) lost(self, peer);
    return;
  }
  const auto i = s.by_dialled.find(c.connection);
  if (i == s.by_dialled.end()) return;
  const auto peer = i->second;
  s.by_dialled.erase(i);
  auto& link = s.links.at(peer);
  const bool was_up = std::exchange(link.up, false);
  link.dialled = {};
  complain(self, link, c.why);
  if (was_up) lost(self, peer);
  redial_later(self, peer);
}

absl::Status check(const peers_state& s, const wire::PeerHello& hello) {
  const node_id from{hello.from()};
  if (hello.cluster() != s.setup.cluster) {
    return absl::FailedPreconditionError(absl::StrCat(
        "node ",
        hello.name(),
        " belongs to cluster '",
        hello.cluster(),
        "', ",
        s.setup.name,
        " to '",
        s.setup.cluster,
        "': check the addresses in its list of members"));
  }
  if (node_id{hello.to()} != s.self_id) {
    return absl::FailedPreconditionError(absl::StrCat(
        "node ",
        hello.name(),
        " expects another member at the address of ",
        s.setup.name,
        ": the lists of members differ"));
  }
  if (!s.links.contains(from)) {
    return absl::FailedPreconditionError(absl::StrCat(
        "node ",
        hello.name(),
        " is not in the list of members of ",
        s.setup.name,
        ": start both with the same list"));
  }
  return absl::OkStatus();
}

void refuse(self_pointer self, net::connection_id connection, const absl::Status& why) {
  say(self, severity::warning, absl::StrCat("refused a node: ", std::string(why.message()), "."));
  self->state.outside.network->send(connection, refusal_frame(why));
  self->state.hang_up(connection);
  self->state.accepted.erase(connection);
}

void on_hello(self_pointer self, net::connection_id connection, const net::frame& f) {
  auto& s = self->state;
  wire::PeerHello hello;
  const auto bytes = f.payload.view();
  if (!hello.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())))
    return refuse(self, connection, absl::InvalidArgumentError("malformed hello"));
  if (auto ok = check(s, hello); !ok.ok()) return refuse(self, connection, ok);
  const node_id from{hello.from()};
  s.accepted[connection] = from;
  // It is up again: do not wait for the rest of a long pause.
  auto& link = s.links.at(from);
  link.attempts = 0;
  if (link.dialled.is_none()) dial(self, from);
}

void on_refusal(self_pointer self, net::connection_id connection, const net::frame& f) {
  wire::Refusal refusal;
  const auto bytes = f.payload.view();
  const auto i = self->state.by_dialled.find(connection);
  if (i == self->state.by_dialled.end()) return;
  if (!refusal.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) return;
  auto& link = self->state.links.at(i->second);
  link.attempts = 8;  // it will not change its mind soon
  complain(self, link, absl::FailedPreconditionError(refusal.message()));
}

void on_inbound(self_pointer self, inbound& in) {
  auto& s = self->state;
  peer_messages batch;
  for (const auto& f : in.frames) {
    if (f.type == net::frame_type::peer_hello) {
      on_hello(self, in.connection, f);
      continue;
    }
    if (f.type == net::frame_type::refusal) {
      on_refusal(self, in.connection, f);
      continue;
    }
    if (f.type != net::frame_type::raft_message || !s.accepted.contains(in.connection)) continue;
    auto message = net::decode_raft_message(f.payload);
    if (!message.ok()) return refuse(self, in.connection, message.status());
    batch.messages.push_back(std::move(*message));
  }
  const auto i = s.accepted.find(in.connection);
  if (batch.messages.empty() || i == s.accepted.end()) return;
  batch.from = i->second;
  self->send(s.others.node, std::move(batch));
}

void on_outbox(self_pointer self, const outbox& out) {
  auto& s = self->state;
  // By connection: most often there is one message to each.
  absl::InlinedVector<std::pair<net::connection_id, std::string>, 8> writes;
  for (const auto& m : out.messages) {
    const auto link = s.links.find(m.to);
    if (link == s.links.end() || !link->second.up) {
      sometimes(probe::message_without_connection);
      continue;
    }
    const auto is_to = [&](const auto& write) {
      return write.first == link->second.dialled;
    };
    auto write = std::find_if(writes.begin(), writes.end(), is_to);
    if (write == writes.end()) write = writes.insert(write, {link->second.dialled, {}});
    net::append_raft_frame(write->second, m.body);
  }
  for (auto& [connection, bytes] : writes)
    s.outside.network->send(connection, std::move(bytes));
}

}  // namespace

std::string refusal_frame(const absl::Status& why) {
  wire::Refusal refusal;
  refusal.set_code(static_cast<std::uint32_t>(why.code()));
  refusal.set_message(std::string(why.message()));
  std::string bytes;
  net::append_frame(bytes, net::frame_type::refusal, refusal.SerializeAsString());
  return bytes;
}

peers_state::~peers_state() {
  for (const auto& [connection, peer] : by_dialled)
    outside.network->close(connection);
  for (const auto& [connection, peer] : accepted)
    hang_up(connection);
}

peers_actor::behavior_type peers(
    self_pointer self, const world& outside, const replica_setup& setup, const closing& hang_up) {
  auto& s = self->state;
  s.hang_up = hang_up;
  s.outside = outside;
  s.setup = setup;
  s.self_id = id_of(setup.name);
  s.random = prng{outside.seed ^ 0x7065657273ULL};
  for (const auto& m : setup.members)
    if (m.name != setup.name) s.links[id_of(m.name)].who = m;
  return {
      [=](const outbox& out) { on_outbox(self, out); },
      [=](inbound& in) { on_inbound(self, in); },
      [=](colleagues& others) {
        auto& state = self->state;
        state.others = std::move(others);
        state.handler = std::make_unique<peer_handler>(peers_actor{self});
        for (const auto& [peer, link] : state.links)
          dial(self, peer);
      },
      [=](const redial_due& due) {
        if (self->state.links.at(due.peer).dialled.is_none()) dial(self, due.peer);
      },
      [=](const connection_opened& c) { on_opened(self, c.connection); },
      [=](const connection_closed& c) { on_closed(self, c); },
  };
}

}  // namespace atomix::actors
