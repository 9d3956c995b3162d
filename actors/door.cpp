// SPDX-License-Identifier: Apache-2.0
#include "actors/door.hpp"

#include "actors/peers.hpp"

#include <absl/strings/str_cat.h>

#include <utility>

namespace atomix::actors {

door::door(peers_actor peers, gateway_actor gateway, const world& outside)
    : peers_(std::move(peers)), gateway_(std::move(gateway)), outside_(outside) {}

void door::show_out(net::connection_id connection) {
  outside_.network->close(connection);
  visitors_.erase(connection);
}

void door::shut() {
  shut_ = true;
  for (const net::connection_id silent : silent_) {
    outside_.network->close(silent);
    visitors_.erase(silent);
  }
  silent_.clear();
}

void door::complain(const visitor& v, const absl::Status& why) const {
  if (outside_.log) {
    outside_.log(
        severity::warning,
        absl::StrCat("turned away ", v.remote, ": ", std::string(why.message())));
  }
}

void door::opened(net::connection_id connection, const std::string& remote) {
  if (shut_) return outside_.network->close(connection);
  visitors_[connection].remote = remote;
  silent_.push_back(connection);
  if (silent_.size() > silent_max) show_out_the_first();
}

void door::show_out_the_first() {
  const net::connection_id first = silent_.front();
  complain(
      visitors_.at(first),
      absl::ResourceExhaustedError(
          absl::StrCat("it never said hello, and ", silent_max, " others have yet to")));
  silent_.pop_front();
  show_out(first);
}

void door::introduce(net::connection_id connection, visitor& v, const net::frame& first) {
  std::erase(silent_, connection);
  if (first.type == net::frame_type::peer_hello) {
    v.who = side::peer;
  } else if (first.type == net::frame_type::client_hello) {
    v.who = side::client;
    caf::anon_send(gateway_, connection_opened{connection, v.remote});
  } else {
    const auto why = absl::InvalidArgumentError("a hello must come first");
    complain(v, why);
    outside_.network->send(connection, refusal_frame(why));
    show_out(connection);
  }
}

void door::received(net::connection_id connection, std::vector<net::frame> frames) {
  const auto i = visitors_.find(connection);
  if (i == visitors_.end() || frames.empty()) return;
  if (i->second.who == side::unknown) introduce(connection, i->second, frames.front());
  // `introduce` may have shown the visitor out.
  const auto v = visitors_.find(connection);
  if (v == visitors_.end()) return;
  if (v->second.who == side::peer) {
    caf::anon_send(peers_, inbound{connection, std::move(frames)});
  } else {
    caf::anon_send(gateway_, inbound{connection, std::move(frames)});
  }
}

void door::closed(net::connection_id connection, const absl::Status& why) {
  const auto i = visitors_.find(connection);
  if (i == visitors_.end()) return;
  const auto who = i->second.who;
  // Somebody who speaks another protocol, or whose bytes were damaged.
  if (who == side::unknown && !absl::IsUnavailable(why)) complain(i->second, why);
  if (who == side::unknown) std::erase(silent_, connection);
  visitors_.erase(i);
  if (who == side::peer) caf::anon_send(peers_, connection_closed{connection, why});
  if (who == side::client) caf::anon_send(gateway_, connection_closed{connection, why});
}

}  // namespace atomix::actors
