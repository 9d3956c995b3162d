// SPDX-License-Identifier: Apache-2.0
#include "net/frame.hpp"

#include "raft/base/check.hpp"
#include "raft/base/crc32c.hpp"

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <array>
#include <utility>

namespace atomix::net {
namespace {

constexpr std::size_t type_offset = 4;
constexpr std::size_t version_offset = 5;
constexpr std::size_t check_offset = 6;
constexpr std::size_t crc_offset = 8;  // also: how much of the header the checksum covers

std::uint8_t byte_at(std::string_view bytes, std::size_t offset) {
  return static_cast<std::uint8_t>(bytes[offset]);
}

std::uint32_t load_u32(std::string_view bytes, std::size_t offset) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    value |= std::uint32_t{byte_at(bytes, offset + i)} << (8U * i);
  }
  return value;
}

void store_u32(char* to, std::uint32_t value) {
  for (unsigned i = 0; i < 4; ++i)
    to[i] = static_cast<char>((value >> (8U * i)) & 0xffU);
}

/// A damaged length must be found before anybody waits for the rest of a frame that never comes: a
/// connection once fell silent for good over one flipped bit.
std::uint16_t check_of(std::string_view header) {
  return static_cast<std::uint16_t>(crc32c(header.substr(0, check_offset)));
}

std::uint16_t load_u16(std::string_view bytes, std::size_t offset) {
  return static_cast<std::uint16_t>(byte_at(bytes, offset) | byte_at(bytes, offset + 1) << 8);
}

/// Every message of `frame_type`; what a newer version adds is refused by name.
bool is_known(std::uint8_t type) {
  switch (static_cast<frame_type>(type)) {
    case frame_type::peer_hello:
    case frame_type::raft_message:
    case frame_type::client_hello:
    case frame_type::server_hello:
    case frame_type::requests:
    case frame_type::responses:
    case frame_type::refusal:
      return true;
  }
  return false;
}

/// What else the other side may be speaking, by its first bytes. Empty: nothing that we know.
std::string_view foreign_protocol(std::string_view bytes) {
  constexpr std::array<std::string_view, 11> http{
      "GET ", "HEAD", "POST", "PUT ", "DELE", "OPTI", "PATC", "CONN", "TRAC", "PRI ", "HTTP"};
  const std::string_view start = bytes.substr(0, 4);
  if (std::find(http.begin(), http.end(), start) != http.end()) return "HTTP";
  if (start == "SSH-") return "SSH";
  return "";
}

/// A TLS record of a handshake or an alert, versions 3.1 to 3.4. Read as a frame of ours it would
/// be longer than 64 KiB, which the first frame of a connection, a hello, never is.
bool looks_like_tls(std::string_view bytes) {
  if (bytes.size() < 3 || byte_at(bytes, 1) != 0x03) return false;
  const auto kind = byte_at(bytes, 0);
  const auto minor = byte_at(bytes, 2);
  return (kind == 0x15 || kind == 0x16) && minor >= 1 && minor <= 4;
}

absl::Status foreign_error(std::string_view protocol) {
  return absl::InvalidArgumentError(absl::StrCat(
      "The other side speaks ",
      std::string{protocol},
      ", not the Atomix protocol: check the port, and whether both sides agree on TLS."));
}

absl::Status check_whole_header(std::string_view bytes) {
  if (bytes.size() < crc_offset || load_u16(bytes, check_offset) == check_of(bytes))
    return absl::OkStatus();
  return absl::DataLossError(
      "The header of a frame is wrong: it was damaged on its way, or the other side is no Atomix "
      "process; connect again.");
}

/// Looks at as much of a header as is there, so that a stranger is turned away at its first bytes.
absl::Status check_header(std::string_view bytes, bool first) {
  if (first && looks_like_tls(bytes)) return foreign_error("TLS");
  if (bytes.size() < 4) return absl::OkStatus();
  const std::uint32_t length = load_u32(bytes, 0);
  if (length > frame_bytes_max) {
    // Four letters read as a length are always beyond the limit.
    const std::string_view protocol = foreign_protocol(bytes);
    if (first && !protocol.empty()) return foreign_error(protocol);
    return absl::DataLossError(absl::StrCat(
        "A frame claims ",
        length,
        " bytes, more than the limit of ",
        frame_bytes_max,
        ": the bytes were damaged on their way, or the other side is no Atomix process."));
  }
  if (bytes.size() <= version_offset) return absl::OkStatus();
  const unsigned version = byte_at(bytes, version_offset);
  if (version == wire_version) return check_whole_header(bytes);
  return absl::UnimplementedError(absl::StrCat(
      "The other side sends frames of version ",
      version,
      ", this program knows version ",
      unsigned{wire_version},
      ": run the same release on both sides."));
}

}  // namespace

void append_frame(std::string& out, frame_type type, std::string_view payload) {
  const std::size_t start = begin_frame(out);
  out.append(payload);
  end_frame(out, start, type);
}

std::size_t begin_frame(std::string& out) {
  const std::size_t start = out.size();
  out.append(frame_header_bytes, '\0');
  return start;
}

void end_frame(std::string& out, std::size_t start, frame_type type) {
  ATOMIX_CHECK(
      start + frame_header_bytes <= out.size(), "A frame ends behind the place where it began.");
  const std::size_t size = out.size() - start - frame_header_bytes;
  ATOMIX_CHECK(size <= frame_bytes_max, "A frame's payload is at most 64 MiB.");
  char* const header = out.data() + start;
  store_u32(header, static_cast<std::uint32_t>(size));
  header[type_offset] = static_cast<char>(type);
  header[version_offset] = static_cast<char>(wire_version);
  const std::uint16_t check = check_of({header, check_offset});
  header[check_offset] = static_cast<char>(check & 0xffU);
  header[check_offset + 1] = static_cast<char>(check >> 8U);
  const std::uint32_t crc = crc32c({header, crc_offset});
  store_u32(header + crc_offset, crc32c({header + frame_header_bytes, size}, crc));
}

// How many bytes hold complete frames, up to the first header that cannot be right.
absl::Status frame_parser::measure(std::string_view bytes, std::size_t& complete) const {
  complete = 0;
  while (true) {
    const std::string_view ahead = bytes.substr(complete);
    absl::Status header = check_header(ahead, first_ && complete == 0);
    if (!header.ok()) return header;
    if (ahead.size() < frame_header_bytes) return absl::OkStatus();
    const std::size_t size = frame_header_bytes + load_u32(ahead, 0);
    if (ahead.size() < size) return absl::OkStatus();
    complete += size;
  }
}

absl::Status frame_parser::push(std::string_view bytes, std::vector<frame>& out) {
  const bool carried = !rest_.empty();
  if (carried) rest_.append(bytes);
  const std::string_view whole = carried ? std::string_view{rest_} : bytes;

  std::size_t complete = 0;
  absl::Status status = measure(whole, complete);
  if (complete == 0) {
    if (!carried && status.ok()) rest_.assign(bytes);
    return status;
  }
  std::string tail{whole.substr(complete)};
  std::string owned = carried ? std::move(rest_) : std::string{bytes.substr(0, complete)};
  const shared_bytes buffer{std::move(owned)};
  rest_ = std::move(tail);

  for (std::size_t at = 0; at < complete;) {
    const std::string_view ahead = buffer.view().substr(at);
    const std::size_t size = load_u32(ahead, 0);
    const std::uint32_t crc =
        crc32c(ahead.substr(frame_header_bytes, size), crc32c(ahead.substr(0, crc_offset)));
    if (crc != load_u32(ahead, crc_offset)) {
      return absl::DataLossError(absl::StrCat(
          "The checksum of a frame of ",
          size,
          " bytes is wrong: it was damaged on its way; connect again."));
    }
    const std::uint8_t type = byte_at(ahead, type_offset);
    if (!is_known(type)) {
      return absl::UnimplementedError(absl::StrCat(
          "The other side sends frames of type ",
          unsigned{type},
          ", which this program does not know: run the same release on both sides."));
    }
    out.push_back({static_cast<frame_type>(type), buffer.slice(at + frame_header_bytes, size)});
    at += frame_header_bytes + size;
    first_ = false;
  }
  return status;
}

}  // namespace atomix::net
