// SPDX-License-Identifier: Apache-2.0
/// \file Decoding of replies, for the sources of handles (not their headers: users need no
/// Protobuf).
#pragma once

#include "resources/invoker.hpp"

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include <utility>

namespace atomix::resources {

/// The status of a call whose reply is empty.
[[nodiscard]] inline absl::Status no_reply(const absl::StatusOr<outcome>& reply) {
  return reply.status();
}

/// The reply as a message of its type.
template <class Reply>
[[nodiscard]] absl::StatusOr<Reply> parse_reply(const absl::StatusOr<outcome>& reply) {
  if (!reply.ok()) return reply.status();
  Reply message;
  if (message.ParseFromString(reply->result)) return message;
  // It was applied: only what it answered is lost on us.
  return unknown_outcome(
      absl::InternalError("The reply could not be read. The server may be of another version."));
}

/// Decodes a reply with `read`, which takes the message of type `Reply`.
template <class U, class Reply, class Read>
[[nodiscard]] auto reading(Read read) {
  return [read = std::move(read)](const absl::StatusOr<outcome>& reply) -> absl::StatusOr<U> {
    absl::StatusOr<Reply> message = parse_reply<Reply>(reply);
    if (!message.ok()) return message.status();
    return read(*message);
  };
}

}  // namespace atomix::resources
