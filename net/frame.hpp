// SPDX-License-Identifier: Apache-2.0
/// \file Frames: how bytes of a connection are cut into messages. Grammar in docs/wire_format.md:
///
///   frame   := length:u32le type:u8 version:u8 check:u16le crc:u32le payload
///   length  := size of payload in bytes, at most `frame_bytes_max`
///   check   := low half of the CRC-32C over the six bytes before it
///   crc     := CRC-32C over the first eight bytes and the payload
#pragma once

#include "raft/base/shared_bytes.hpp"

#include <absl/status/status.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace atomix::net {

/// The numbers are on the wire: only add. A frame holds one Protobuf message of net/wire.proto.
enum class frame_type : std::uint8_t {
  peer_hello = 1,     ///< PeerHello: first frame of a node that dialled another
  raft_message = 2,   ///< RaftMessage
  client_hello = 16,  ///< ClientHello: first frame of a client
  server_hello = 17,  ///< ServerHello: answer to a hello of either kind
  requests = 18,      ///< RequestBatch, client to server
  responses = 19,     ///< ResponseBatch, server to client
  refusal = 20,       ///< Refusal: why the sender closes the connection
};

inline constexpr std::uint8_t wire_version = 1;
inline constexpr std::size_t frame_header_bytes = 12;
inline constexpr std::size_t frame_bytes_max = 64U << 20U;

struct frame {
  frame_type type = frame_type::refusal;
  shared_bytes payload;
};

/// Appends one frame to `out`. Requires: payload.size() <= frame_bytes_max.
void append_frame(std::string& out, frame_type type, std::string_view payload);

/// For callers that encode straight into the buffer: leaves room for a header, returns its place.
[[nodiscard]] std::size_t begin_frame(std::string& out);
/// Fills in the header; everything behind it in `out` is the payload.
/// Requires: `start` comes from `begin_frame` on `out`; the payload is at most `frame_bytes_max`.
void end_frame(std::string& out, std::size_t start, frame_type type);

/// Cuts a connection's bytes into frames. After an error the connection is of no more use.
class frame_parser {
 public:
  /// Takes the next bytes of the connection and appends every frame that is complete to `out`;
  /// payloads share one buffer per call.
  /// Errors: data_loss – bad CRC or length; unimplemented – another version, naming both, or a type
  ///         of frame that this version does not know; invalid_argument – not our protocol at all
  ///         (an HTTP request, say). Each says so. What came before the fault is in `out`.
  /// Cost:   a byte is copied once, twice if its frame did not fit into one read.
  [[nodiscard]] absl::Status push(std::string_view bytes, std::vector<frame>& out);

 private:
  [[nodiscard]] absl::Status measure(std::string_view bytes, std::size_t& complete) const;

  std::string rest_;   // an incomplete frame, carried over
  bool first_ = true;  // nothing has been cut yet: the other side may speak something else
};

}  // namespace atomix::net
