// SPDX-License-Identifier: Apache-2.0
#include "actors/session_deadlines.hpp"

#include <algorithm>

namespace atomix::actors::deadlines {
namespace {

constexpr std::uint64_t first_round_ms_max = 300;
constexpr std::uint64_t dial_ms_max = 1000;
constexpr std::uint64_t greeting_ms_max = 500;
constexpr std::uint64_t leaderless_ms_max = 1000;
constexpr std::uint64_t resend_ms = 2000;
constexpr std::uint64_t close_ms_max = 1000;

bool is_attached(const session_self_state& s) {
  return s.link.phase == link_phase::attached;
}

bool is_greeted(const session_self_state& s) {
  return s.link.phase == link_phase::greeted || is_attached(s);
}

}  // namespace

std::uint64_t close(const session_self_state& s) {
  return s.closing_ms != 0 ? s.closing_ms + close_ms_max : never;
}

std::uint64_t expiry(std::uint64_t confirmed_ms, std::uint64_t timeout_ms) {
  return confirmed_ms + timeout_ms - timeout_ms / 10;
}

std::uint64_t expiry(const session_self_state& s) {
  return s.id.is_none() ? never : expiry(s.confirmed_ms, s.timeout_ms);
}

std::size_t servers(const session_self_state& s) {
  return std::max(s.options.servers.size(), s.members.size());
}

bool is_first_round(const session_self_state& s) {
  return s.failures < servers(s);
}

std::uint64_t dial(const session_self_state& s) {
  return s.link.phase == link_phase::idle ? s.retry_ms : never;
}

std::uint64_t silence(const session_self_state& s) {
  switch (s.link.phase) {
    case link_phase::idle:
      return never;
    case link_phase::dialling:
      return s.link.since_ms + (is_first_round(s) ? first_round_ms_max : dial_ms_max);
    case link_phase::greeting:
      return s.link.since_ms + greeting_ms_max;
    case link_phase::greeted:
    case link_phase::attached:
      // Who was not asked for a sign of life, since we slept ourselves, is not silent.
      return s.link.asked_ms > s.link.heard_ms
                 ? s.link.asked_ms + s.options.silence_ms - s.options.ping_ms
                 : never;
  }
  return never;
}

std::uint64_t leaderless(const session_self_state& s) {
  if (s.link.phase != link_phase::greeted) return never;
  return s.link.since_ms + (is_first_round(s) ? first_round_ms_max : leaderless_ms_max);
}

std::uint64_t ping(const session_self_state& s) {
  return is_greeted(s) ? std::max(s.link.heard_ms, s.link.pinged_ms) + s.options.ping_ms : never;
}

std::uint64_t calls(const session_self_state& s) {
  if (!is_attached(s)) return never;
  if (s.id.is_none()) return s.link.since_ms + resend_ms;
  return std::min(
      s.commands.empty() ? never : s.command_waits_ms + resend_ms,
      s.queries.empty() ? never : s.query_waits_ms + resend_ms);
}

std::uint64_t kept(const session_self_state& s) {
  const bool waits = !s.id.is_none() && s.kept_waiting_ms != 0;
  return is_attached(s) && waits ? s.kept_waiting_ms + resend_ms : never;
}

std::uint64_t keep_alive(const session_self_state& s) {
  if (!is_attached(s) || s.id.is_none()) return never;
  return s.kept_sent_ms + std::max<std::uint64_t>(s.timeout_ms / 4, 50);
}

std::uint64_t next(const session_self_state& s) {
  return std::min(
      {close(s),
       expiry(s),
       dial(s),
       silence(s),
       leaderless(s),
       ping(s),
       calls(s),
       kept(s),
       keep_alive(s)});
}

}  // namespace atomix::actors::deadlines
