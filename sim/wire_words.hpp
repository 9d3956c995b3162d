// SPDX-License-Identifier: Apache-2.0
/// \file What travels and what is logged, as one line of text each: for traces and reports.
#pragma once

#include "sim/operation_words.hpp"

#include "raft/core/entry.hpp"
#include "raft/core/message.hpp"

#include <string>
#include <string_view>

namespace atomix::sim {

/// `term 3 index 92`.
[[nodiscard]] std::string place_words(const raft::entry_id& id);
/// `3/92 session 7 #3: lock acquire`.
[[nodiscard]] std::string entry_words(const raft::entry& e, const more_words& more = {});
/// The same without `term/index`.
[[nodiscard]] std::string content_words(const raft::entry& e, const more_words& more = {});
/// As `raft::describe`, with commands in words.
[[nodiscard]] std::string message_words(const raft::message& m, const more_words& more = {});
/// The frames of one write to a connection. Bytes that are no frames are counted.
[[nodiscard]] std::string write_words(std::string_view bytes, const more_words& more = {});

}  // namespace atomix::sim
