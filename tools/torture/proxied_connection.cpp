// SPDX-License-Identifier: Apache-2.0
#include "tools/torture/proxied_connection.hpp"

#include "net/wire.pb.h"

#include <asio/write.hpp>

#include <algorithm>
#include <utility>

namespace atomix::tools {

using asio::ip::tcp;

namespace {

// As much as a kernel would take in before the sender has to wait.
constexpr std::size_t waiting_bytes_max = std::size_t{512} << 10U;

}  // namespace

proxied_connection::proxied_connection(network_paths& paths, tcp::socket dialler, host member)
    : paths_(paths),
      near_(std::move(dialler)),
      far_(paths.loop),
      to_member_(paths.loop, near_, far_),
      to_dialler_(paths.loop, far_, near_),
      member_(member),
      silence_(paths.loop) {}

void proxied_connection::start() {
  std::error_code ignored;
  near_.set_option(tcp::no_delay{true}, ignored);
  read(to_member_);
}

bool proxied_connection::joins(host one, host other) const {
  if (!dialler_) return false;
  return (*dialler_ == one && member_ == other) || (*dialler_ == other && member_ == one);
}

host_pair proxied_connection::way(const lane& l) const {
  return &l == &to_member_ ? host_pair{*dialler_, member_} : host_pair{member_, *dialler_};
}

bool proxied_connection::is_open(const lane& l) const {
  if (!dialler_) return false;
  const auto [from, to] = way(l);
  return paths_.is_open(from, to);
}

void proxied_connection::read(lane& l) {
  if (over_ || l.reading || l.ended || l.waiting_bytes >= waiting_bytes_max) return;
  l.reading = true;
  l.from.async_read_some(
      asio::buffer(l.buffer),
      [this, &l, self = shared_from_this()](const std::error_code& error, std::size_t size) {
        l.reading = false;
        if (over_) return;
        if (error) return failed(l);
        arrived(l, {l.buffer.data(), size});
        read(l);
      });
}

void proxied_connection::arrived(lane& l, std::string_view bytes) {
  if (l.deaf) return;
  paths_.counts.bytes += bytes.size();
  piece p{std::string{bytes}, clock::now()};
  if (dialler_) {
    const auto [from, to] = way(l);
    const link_harm& harm = paths_.path(from, to).harm;
    if (paths_.chance.chance(harm.broken_per_thousand, 1'000)) return reset();
    if (paths_.chance.chance(harm.flipped_per_thousand, 1'000)) {
      ++paths_.counts.flips;
      char& hit = p.bytes[paths_.chance.below(p.bytes.size())];
      hit = static_cast<char>(hit ^ static_cast<char>(1U << paths_.chance.below(8)));
    }
    p.due += harm.delay;
  }
  // What was sent later never overtakes.
  if (!l.waiting.empty()) p.due = std::max(p.due, l.waiting.back().due);
  l.waiting_bytes += p.bytes.size();
  l.waiting.push_back(std::move(p));
  if (!dialler_) return identify();
  flush(l);
}

// The first frame says who dials: a member, or a client.
void proxied_connection::identify() {
  net::frame_parser parser;
  std::vector<net::frame> frames;
  absl::Status parsed;
  for (const piece& p : to_member_.waiting)
    if (parsed.ok()) parsed = parser.push(p.bytes, frames);
  if (frames.empty() && parsed.ok()) return;
  dialler_ = paths_.members.size();
  wire::PeerHello hello;
  if (!frames.empty() && frames[0].type == net::frame_type::peer_hello) {
    const auto bytes = frames[0].payload.view();
    if (hello.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
      const auto found = std::find(paths_.ids.begin(), paths_.ids.end(), node_id{hello.from()});
      dialler_ = static_cast<host>(found - paths_.ids.begin());
    }
  }
  ++paths_.counts.connections;
  dial();
}

// The handshake needs both ways.
void proxied_connection::dial() {
  if (over_ || dialling_ || !dialler_ || !is_open(to_member_) || !is_open(to_dialler_)) return;
  dialling_ = true;
  const net::address& at = paths_.members[member_];
  far_.async_connect(
      tcp::endpoint{asio::ip::make_address(at.host), at.port},
      [this, self = shared_from_this()](const std::error_code& error) {
        if (over_) return;
        if (error) return close();
        std::error_code ignored;
        far_.set_option(tcp::no_delay{true}, ignored);
        joined_ = true;
        read(to_dialler_);
        poke();
      });
}

void proxied_connection::poke() {
  if (over_) return;
  if (!joined_) return dial();
  flush(to_member_);
  flush(to_dialler_);
}

void proxied_connection::flush(lane& l) {
  if (over_ || !joined_ || l.writing || !is_open(l)) return;
  if (l.waiting.empty() || l.deaf) return settle();
  const auto now = clock::now();
  if (l.waiting.front().due > now) {
    l.timer.expires_at(l.waiting.front().due);
    l.timer.async_wait([this, &l, self = shared_from_this()](const std::error_code& error) {
      if (!error) flush(l);
    });
    return;
  }
  l.writing = true;
  asio::async_write(
      l.to,
      asio::buffer(l.waiting.front().bytes),
      [this, &l, self = shared_from_this()](const std::error_code& error, std::size_t) {
        l.writing = false;
        if (over_) return;
        if (error) return failed(&l == &to_member_ ? to_dialler_ : to_member_);
        written(l);
      });
}

void proxied_connection::written(lane& l) {
  if (!l.waiting.empty()) {
    l.waiting_bytes -= l.waiting.front().bytes.size();
    l.waiting.pop_front();
  }
  flush(l);
  read(l);
}

// The end that this lane comes from is gone. The other one hears of it when all that was said
// before has arrived, and not while the way is cut.
void proxied_connection::failed(lane& l) {
  l.ended = true;
  lane& back = &l == &to_member_ ? to_dialler_ : to_member_;
  back.deaf = true;
  settle();
}

void proxied_connection::settle() {
  if (over_) return;
  for (const lane* l : {&to_member_, &to_dialler_}) {
    if (!l->ended || l->forgotten) continue;
    const bool nowhere = l->deaf || !joined_;
    if (nowhere || (l->waiting.empty() && is_open(*l))) return close();
  }
}

void proxied_connection::close() {
  if (over_) return;
  over_ = true;
  std::error_code ignored;
  to_member_.timer.cancel();
  to_dialler_.timer.cancel();
  silence_.cancel();
  near_.close(ignored);
  far_.close(ignored);
}

void proxied_connection::reset() {
  if (over_) return;
  ++paths_.counts.resets;
  std::error_code ignored;
  if (near_.is_open()) near_.set_option(tcp::socket::linger{true, 0}, ignored);
  if (far_.is_open()) far_.set_option(tcp::socket::linger{true, 0}, ignored);
  close();
}

void proxied_connection::reset_if_half() {
  if (to_member_.forgotten || to_dialler_.forgotten) reset();
}

void proxied_connection::lose_end(host member, lost_end which, std::chrono::milliseconds silence) {
  if (over_ || !joined_ || to_member_.forgotten || to_dialler_.forgotten) return;
  const bool at_member = (which == lost_end::near_member) == (member == member_);
  tcp::socket& lost = at_member ? far_ : near_;
  lane& from_lost = at_member ? to_dialler_ : to_member_;
  lane& to_lost = at_member ? to_member_ : to_dialler_;
  std::error_code ignored;
  from_lost.forgotten = from_lost.ended = true;
  // A piece that is being written is still looked at.
  while (from_lost.waiting.size() > (from_lost.writing ? 1U : 0U))
    from_lost.waiting.pop_back();
  to_lost.deaf = true;
  to_lost.waiting.clear();
  to_lost.waiting_bytes = 0;
  lost.close(ignored);
  silence_.expires_after(silence);
  silence_.async_wait([this, self = shared_from_this()](const std::error_code& error) {
    if (!error) reset();
  });
  read(to_lost);
}

}  // namespace atomix::tools
