// SPDX-License-Identifier: Apache-2.0
/// \file Raft messages as bytes: the Protobuf messages of net/wire.proto, written and read without
/// intermediate objects where it counts. Grammar in docs/wire_format.md.
#pragma once

#include "net/frame.hpp"

#include "raft/core/message.hpp"

#include <absl/status/statusor.h>

#include <string>

namespace google::protobuf {
class MessageLite;
}  // namespace google::protobuf

namespace atomix::net {

/// Appends `message` as one frame of type raft_message.
/// Requires: the entries of an append follow its `previous` without a gap.
/// Cost:     entry data is copied once, into `out`.
void append_raft_frame(std::string& out, const raft::message& message);

/// Reads the payload of a frame of type raft_message.
/// Ensures: entry data shares `payload`'s buffer.
/// Errors:  invalid_argument – the bytes are no RaftMessage, or one of a newer version.
[[nodiscard]] absl::StatusOr<raft::message> decode_raft_message(const shared_bytes& payload);

/// Appends any message of net/wire.proto as one frame. Requires: at most `frame_bytes_max` bytes.
void append_message_frame(
    std::string& out, frame_type type, const google::protobuf::MessageLite& message);

}  // namespace atomix::net
