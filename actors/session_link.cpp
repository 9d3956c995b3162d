// SPDX-License-Identifier: Apache-2.0
#include "actors/session_link.hpp"

#include "actors/session_answers.hpp"
#include "actors/session_deadlines.hpp"
#include "actors/session_traffic.hpp"

#include "raft/base/probe.hpp"

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <chrono>
#include <utility>

namespace atomix::actors {
namespace {

constexpr std::uint64_t suspect_ms = 1000;  // by then the others have elected another leader
constexpr std::uint64_t retry_ms_min = 10;
constexpr std::uint64_t retry_ms_max = 500;

bool is_suspect(const session_self_state& s, const net::address& server, std::uint64_t now) {
  const auto i = s.suspects.find(server);
  return i != s.suspects.end() && now < i->second.until_ms;
}

const net::address* leader_address(const session_self_state& s, std::uint64_t now) {
  const auto i = s.members.find(s.lead.leader);
  if (s.lead.leader.is_none() || i == s.members.end()) return nullptr;
  const auto suspect = s.suspects.find(i->second);
  const bool avoid = suspect != s.suspects.end() && now < suspect->second.until_ms
                     && s.lead.term <= suspect->second.term;
  return avoid ? nullptr : &i->second;
}

// Servers given by the user first, then those learned from them; suspects only if all are.
net::address next_server(session_self_state& s, std::uint64_t now) {
  std::vector<net::address> all = s.options.servers;
  for (const auto& [id, at] : s.members)
    if (std::find(all.begin(), all.end(), at) == all.end()) all.push_back(at);
  for (std::size_t i = 0; i < all.size(); ++i) {
    const auto& at = all[s.next_server++ % all.size()];
    if (!is_suspect(s, at, now)) return at;
  }
  return all[s.next_server++ % all.size()];
}

void dial(session_self self, const net::address& server) {
  auto& s = self->state;
  const auto now = now_ms(self);
  s.link = {};
  s.link.phase = link_phase::dialling;
  s.link.server = server;
  s.link.since_ms = now;
  s.link.heard_ms = now;
  s.link.connection = s.outside.network->dial(server, *s.handler);
}

void drop_link(session_self self) {
  auto& s = self->state;
  s.out.Clear();
  if (s.link.phase != link_phase::idle) s.outside.network->close(s.link.connection);
  s.link = {};
  suspend(self);
}

void go_to(session_self self, const net::address& server) {
  drop_link(self);
  dial(self, server);
}

// Silence: the other side is stopped, or cut off without a word. Or it is far away, if it had
// little time.
void silent(session_self self) {
  auto& s = self->state;
  sometimes(probe::server_silent);
  const bool hasty = s.link.phase == link_phase::dialling && deadlines::is_first_round(s);
  if (!hasty) s.suspects[s.link.server] = {now_ms(self) + suspect_ms, s.lead.term};
  abandon(
      self,
      absl::DeadlineExceededError(
          absl::StrCat(s.link.server.to_string(), " accepts connections but does not answer")));
}

void check_link(session_self self, std::uint64_t now) {
  const auto& s = self->state;
  if (now >= deadlines::dial(s)) return connect(self);
  if (now >= deadlines::silence(s)) return silent(self);
  if (now >= deadlines::leaderless(s)) {
    sometimes(probe::server_without_leader);
    abandon(
        self,
        absl::UnavailableError(
            absl::StrCat(s.link.server.to_string(), " knows no leader it can reach")));
  }
}

}  // namespace

std::uint64_t now_ms(session_self self) {
  const auto since = self->clock().now().time_since_epoch();
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::milliseconds>(since).count());
}

void record_trouble(session_self self, const net::address& server, const std::string& why) {
  const std::lock_guard lock{self->state.mailbox->mutex};
  self->state.mailbox->troubles[server] = why;
}

void connect(session_self self) {
  auto& s = self->state;
  const auto now = now_ms(self);
  const auto* leader = leader_address(s, now);
  dial(self, leader != nullptr ? net::address{*leader} : next_server(s, now));
}

void abandon(session_self self, const absl::Status& why) {
  auto& s = self->state;
  record_trouble(self, s.link.server, std::string(why.message()));
  // The one that led and cannot be reached does not lead any more, as far as we are concerned.
  const auto leader = s.members.find(s.lead.leader);
  if (leader != s.members.end() && leader->second == s.link.server) s.lead.leader = {};
  drop_link(self);
  const auto servers = deadlines::servers(s);
  ++s.failures;
  // The first round over all servers is for free: one of them may have the answer at once.
  std::uint64_t pause = 0;
  if (s.failures > servers) {
    const auto step = std::min<std::uint64_t>(s.failures - servers, 6);
    pause = retry_ms_min + s.random.below(std::min(retry_ms_max, retry_ms_min << step));
  }
  s.retry_ms = now_ms(self) + pause;
  if (pause == 0) connect(self);
}

void on_opened(session_self self, net::connection_id connection) {
  auto& s = self->state;
  if (connection != s.link.connection || s.link.phase != link_phase::dialling) return;
  s.link.phase = link_phase::greeting;
  s.link.since_ms = now_ms(self);
  wire::ClientHello hello;
  hello.set_cluster(s.options.cluster);
  std::string bytes;
  net::append_frame(bytes, net::frame_type::client_hello, hello.SerializeAsString());
  s.outside.network->send(connection, std::move(bytes));
}

void on_server_hello(session_self self, const wire::ServerHello& hello) {
  auto& s = self->state;
  if (s.link.phase != link_phase::greeting) return;
  s.link.phase = link_phase::greeted;
  s.link.since_ms = now_ms(self);
  s.link.server_id = node_id{hello.id()};
  s.suspects.erase(s.link.server);
  for (const auto& m : hello.members())
    if (auto at = net::parse_address(m.address()); at.ok()) s.members[node_id{m.id()}] = *at;
  // The way that we reached it is as good as the way it calls itself.
  s.members[s.link.server_id] = s.link.server;
  on_news(self, hello.leadership());
}

void on_news(session_self self, const wire::Leadership& news) {
  auto& s = self->state;
  const leadership told{term_t{news.term()}, node_id{news.leader()}};
  // An older view than ours.
  if (told.term < s.lead.term) return sometimes(probe::leader_news_outdated);
  const bool same = told.term == s.lead.term && told.leader == s.lead.leader;
  if (same && s.link.phase == link_phase::attached) return;
  // Only a term that was won is known for good. That of a candidate is lost if its machine fails
  // before the term is durable; who went by it would turn all later leaders away.
  if (!told.leader.is_none()) s.lead.term = told.term;
  s.lead.leader = told.leader;
  if (told.leader == s.link.server_id && !told.leader.is_none()) return attach(self);
  const auto* leader = leader_address(s, now_ms(self));
  if (leader != nullptr) return go_to(self, net::address{*leader});
  // Nobody leads, or somebody whom we cannot reach: this server may know better soon.
  if (s.link.phase != link_phase::attached) return;
  s.link.phase = link_phase::greeted;
  s.link.since_ms = now_ms(self);
  suspend(self);
}

void on_refusal(session_self self, const wire::Refusal& refusal) {
  auto& s = self->state;
  const auto why = status_from_wire(refusal.code(), refusal.message());
  record_trouble(self, s.link.server, refusal.message());
  // A server of another cluster will not change its mind. Who opens a session hears it at once.
  if (s.id.is_none() && absl::IsFailedPrecondition(why)) {
    s.refused_by.insert(s.link.server);
    const auto& given = s.options.servers;
    if (std::all_of(
            given.begin(), given.end(), [&](const auto& at) { return s.refused_by.contains(at); }))
      return end(self, session_state::closed);
  }
  abandon(self, why);
}

void on_tick(session_self self) {
  auto& s = self->state;
  const auto now = now_ms(self);
  if (end_if_overdue(self, now)) return;
  if (now >= deadlines::close(s)) return end(self, session_state::closed);
  check_link(self, now);
  if (now >= deadlines::ping(s)) {
    s.link.pinged_ms = now;
    if (s.link.asked_ms <= s.link.heard_ms) s.link.asked_ms = now;
    s.out.add_requests()->mutable_ping()->set_id(now);
  }
  keep_up(self, now);
}

}  // namespace atomix::actors
