// SPDX-License-Identifier: Apache-2.0
/// \file When a session's patience with whatever it waits for ends, on its own clock, in
/// milliseconds. `on_tick` acts on each; between them the session sleeps.
#pragma once

#include "actors/session_state.hpp"

#include <cstddef>
#include <cstdint>
#include <limits>

namespace atomix::actors::deadlines {

inline constexpr std::uint64_t never = std::numeric_limits<std::uint64_t>::max();

/// Closing is a courtesy: without the cluster's word the session ends by its timeout.
[[nodiscard]] std::uint64_t close(const session_self_state& s);
/// A session of which the log holds a word sent at `confirmed_ms`, and perhaps none that is newer:
/// the cluster may soon give it away. See `end_if_overdue`.
[[nodiscard]] std::uint64_t expiry(std::uint64_t confirmed_ms, std::uint64_t timeout_ms);
[[nodiscard]] std::uint64_t expiry(const session_self_state& s);
/// How many servers this session knows.
[[nodiscard]] std::size_t servers(const session_self_state& s);
/// Some server has not been tried yet since one was of use: each gets little time, as one that is
/// down, or cut off, says nothing, and the next one may do.
[[nodiscard]] bool is_first_round(const session_self_state& s);
/// The next dial, if there is no connection.
[[nodiscard]] std::uint64_t dial(const session_self_state& s);
/// A connection from which nothing comes is given up.
[[nodiscard]] std::uint64_t silence(const session_self_state& s);
/// A server that knows no leader is left for another one.
[[nodiscard]] std::uint64_t leaderless(const session_self_state& s);
[[nodiscard]] std::uint64_t ping(const session_self_state& s);
/// Calls, or a keep-alive, that stay unanswered although the connection lives are sent again:
/// frames may be lost, or the server forgot us.
[[nodiscard]] std::uint64_t calls(const session_self_state& s);
[[nodiscard]] std::uint64_t kept(const session_self_state& s);
[[nodiscard]] std::uint64_t keep_alive(const session_self_state& s);

/// The earliest of them all.
[[nodiscard]] std::uint64_t next(const session_self_state& s);

}  // namespace atomix::actors::deadlines
