// SPDX-License-Identifier: Apache-2.0
#include "net/wire_codec.hpp"

#include "net/varint.hpp"
#include "net/wire.pb.h"

#include "raft/base/check.hpp"

#include <absl/status/status.h>
#include <absl/strings/str_cat.h>

#include <array>
#include <limits>
#include <optional>
#include <utility>

namespace atomix::net {
namespace {

using protobuf_wire::bytes_size;
using protobuf_wire::number_size;
using protobuf_wire::reader;
using protobuf_wire::tag;
using protobuf_wire::wire_type;
using protobuf_wire::writer;

// Field numbers of net/wire.proto, for what is written and read by hand.
constexpr unsigned message_append_request = 3;
constexpr unsigned append_term = 1;
constexpr unsigned append_previous = 2;
constexpr unsigned append_commit = 3;
constexpr unsigned append_entries = 4;
constexpr unsigned id_term = 1;
constexpr unsigned id_index = 2;
constexpr unsigned entry_term = 1;
constexpr unsigned entry_kind_field = 2;
constexpr unsigned entry_time = 3;
constexpr unsigned entry_data = 4;

constexpr std::uint64_t last_kind = static_cast<std::uint64_t>(raft::entry_kind::time);

absl::Status malformed() {
  return absl::InvalidArgumentError(
      "The bytes are no RaftMessage: the other side is broken or of another version.");
}

absl::Status unknown_kind(std::uint64_t kind) {
  return absl::InvalidArgumentError(absl::StrCat(
      "An entry is of kind ", kind, ", which this program does not know: update this node."));
}

// ---- append_request, by hand -------------------------------------------------------------------

std::size_t size_of(const raft::entry_id& id) {
  return number_size(id.term.value()) + number_size(id.index.value());
}

std::size_t size_of(const raft::entry& e) {
  const std::size_t data = e.data.empty() ? 0 : bytes_size(e.data.size());
  return number_size(e.id.term.value()) + number_size(static_cast<std::uint64_t>(e.kind))
         + number_size(e.time.value()) + data;
}

std::size_t size_of(const raft::append_request& m) {
  std::size_t size =
      number_size(m.term.value()) + bytes_size(size_of(m.previous)) + number_size(m.commit.value());
  for (const auto& e : m.entries)
    size += bytes_size(size_of(e));
  return size;
}

/// Appends what `write` writes into a small buffer. Resizing `out` and writing in place would fill
/// with zeros first what is overwritten right after.
template <std::size_t Capacity, class Write>
void append_small(std::string& out, Write write) {
  std::array<char, Capacity> buffer;
  writer to{buffer.data()};
  write(to);
  out.append(buffer.data(), static_cast<std::size_t>(to.position() - buffer.data()));
}

void append_entry(std::string& out, const raft::entry& e) {
  append_small<64>(out, [&e](writer& to) {
    to.bytes_header(append_entries, size_of(e));
    to.number(entry_term, e.id.term.value());
    to.number(entry_kind_field, static_cast<std::uint64_t>(e.kind));
    to.number(entry_time, e.time.value());
    if (!e.data.empty()) to.bytes_header(entry_data, e.data.size());
  });
  out.append(e.data.view());
}

void append_payload(std::string& out, const raft::append_request& m) {
  const std::size_t size = size_of(m);
  out.reserve(out.size() + bytes_size(size));
  append_small<96>(out, [&m, size](writer& to) {
    to.bytes_header(message_append_request, size);
    to.number(append_term, m.term.value());
    to.bytes_header(append_previous, size_of(m.previous));
    to.number(id_term, m.previous.term.value());
    to.number(id_index, m.previous.index.value());
    to.number(append_commit, m.commit.value());
  });
  index_t index = m.previous.index;
  for (const auto& e : m.entries) {
    index = index.next();
    ATOMIX_CHECK(e.id.index == index, "The entries of an append follow its previous entry.");
    append_entry(out, e);
  }
}

/// Reads the fields of one message: `field(tag)` reads the value of a field that it knows and
/// returns whether it could, or nothing for a field that is to be skipped.
template <class Field>
bool read_fields(reader& in, Field field) {
  while (!in.done()) {
    std::uint64_t field_tag = 0;
    if (!in.varint(field_tag)) return false;
    const std::optional<bool> read = field(field_tag);
    if (!(read ? *read : in.skip(field_tag))) return false;
  }
  return true;
}

bool read_id(std::string_view bytes, std::uint64_t& term, std::uint64_t& index) {
  reader in{bytes};
  return read_fields(in, [&](std::uint64_t field_tag) -> std::optional<bool> {
    switch (field_tag) {
      case tag(id_term, wire_type::varint):
        return in.varint(term);
      case tag(id_index, wire_type::varint):
        return in.varint(index);
    }
    return std::nullopt;
  });
}

/// An entry as it is on the wire: its index follows from its place.
struct raw_entry {
  std::uint64_t term = 0;
  std::uint64_t kind = 0;
  std::uint64_t time = 0;
  std::string_view data;
};

bool read_entry(std::string_view bytes, raw_entry& e) {
  reader in{bytes};
  return read_fields(in, [&](std::uint64_t field_tag) -> std::optional<bool> {
    switch (field_tag) {
      case tag(entry_term, wire_type::varint):
        return in.varint(e.term);
      case tag(entry_kind_field, wire_type::varint):
        return in.varint(e.kind);
      case tag(entry_time, wire_type::varint):
        return in.varint(e.time);
      case tag(entry_data, wire_type::bytes):
        return in.bytes(e.data);
    }
    return std::nullopt;
  });
}

/// Adds one entry. `previous.index` may still come behind the entries: indices are given at the
/// end.
absl::Status add_entry(
    const shared_bytes& payload, std::string_view bytes, std::vector<raft::entry>& entries) {
  raw_entry raw;
  if (!read_entry(bytes, raw)) return malformed();
  raw.kind &= 0xffffffffU;  // as Protobuf reads a uint32
  if (raw.kind > last_kind) return unknown_kind(raw.kind);
  raft::entry& e = entries.emplace_back();
  e.id.term = term_t{raw.term};
  e.kind = static_cast<raft::entry_kind>(raw.kind);
  e.time = log_time{raw.time};
  if (!raw.data.empty()) {
    const auto offset = static_cast<std::size_t>(raw.data.data() - payload.view().data());
    e.data = payload.slice(offset, raw.data.size());
  }
  return absl::OkStatus();
}

absl::Status give_indices(raft::append_request& m) {
  const std::uint64_t before = m.previous.index.value();
  if (before > std::numeric_limits<std::uint64_t>::max() - m.entries.size()) return malformed();
  index_t index = m.previous.index;
  for (auto& e : m.entries)
    e.id.index = index = index.next();
  return absl::OkStatus();
}

absl::StatusOr<raft::message> decode_append(const shared_bytes& payload, std::string_view body) {
  raft::append_request m;
  reader in{body};
  std::uint64_t term = 0;
  std::uint64_t commit = 0;
  std::uint64_t previous_term = 0;
  std::uint64_t previous_index = 0;
  absl::Status entry_status;
  const bool good = read_fields(in, [&](std::uint64_t field_tag) -> std::optional<bool> {
    std::string_view part;
    switch (field_tag) {
      case tag(append_term, wire_type::varint):
        return in.varint(term);
      case tag(append_previous, wire_type::bytes):
        return in.bytes(part) && read_id(part, previous_term, previous_index);
      case tag(append_commit, wire_type::varint):
        return in.varint(commit);
      case tag(append_entries, wire_type::bytes):
        if (!in.bytes(part)) return false;
        entry_status = add_entry(payload, part, m.entries);
        return entry_status.ok();
    }
    return std::nullopt;
  });
  if (!entry_status.ok()) return entry_status;
  if (!good) return malformed();
  m.term = term_t{term};
  m.previous = {term_t{previous_term}, index_t{previous_index}};
  m.commit = index_t{commit};
  absl::Status indices = give_indices(m);
  if (!indices.ok()) return indices;
  return m;
}

/// The body, if `payload` is one append_request and nothing else, as every sender writes it.
std::optional<std::string_view> body_of_append(std::string_view payload) {
  reader in{payload};
  std::uint64_t field_tag = 0;
  std::string_view body;
  if (!in.varint(field_tag) || field_tag != tag(message_append_request, wire_type::bytes)) {
    return std::nullopt;
  }
  if (!in.bytes(body) || !in.done()) return std::nullopt;
  return body;
}

// ---- everything else, by the generated code ----------------------------------------------------

void fill(const raft::entry_id& from, wire::EntryId& to) {
  to.set_term(from.term.value());
  to.set_index(from.index.value());
}

void fill(const raft::vote_request& from, wire::RaftMessage& to) {
  auto& m = *to.mutable_vote_request();
  m.set_term(from.term.value());
  fill(from.last, *m.mutable_last());
  m.set_pre_vote(from.kind == raft::ballot::pre_vote);
}

void fill(const raft::vote_reply& from, wire::RaftMessage& to) {
  auto& m = *to.mutable_vote_reply();
  m.set_term(from.term.value());
  m.set_pre_vote(from.kind == raft::ballot::pre_vote);
  m.set_granted(from.granted);
}

void fill(const raft::append_reply& from, wire::RaftMessage& to) {
  auto& m = *to.mutable_append_reply();
  m.set_term(from.term.value());
  m.set_accepted(from.accepted);
  m.set_index(from.index.value());
  if (from.hint != raft::entry_id{}) fill(from.hint, *m.mutable_hint());
}

void fill(const raft::heartbeat& from, wire::RaftMessage& to) {
  auto& m = *to.mutable_heartbeat();
  m.set_term(from.term.value());
  m.set_commit(from.commit.value());
  m.set_round(from.round);
}

void fill(const raft::heartbeat_reply& from, wire::RaftMessage& to) {
  auto& m = *to.mutable_heartbeat_reply();
  m.set_term(from.term.value());
  m.set_round(from.round);
}

template <class Message>
void append_payload(std::string& out, const Message& message) {
  wire::RaftMessage encoded;
  fill(message, encoded);
  encoded.AppendToString(&out);
}

raft::entry_id id_of(const wire::EntryId& id) {
  return {term_t{id.term()}, index_t{id.index()}};
}

raft::ballot ballot_of(bool pre_vote) {
  return pre_vote ? raft::ballot::pre_vote : raft::ballot::vote;
}

/// Only for an append_request with unusual framing; the data is copied.
absl::StatusOr<raft::message> decode_unusual_append(const wire::AppendRequest& from) {
  raft::append_request m;
  m.term = term_t{from.term()};
  m.previous = id_of(from.previous());
  m.commit = index_t{from.commit()};
  for (const auto& e : from.entries()) {
    if (e.kind() > last_kind) return unknown_kind(e.kind());
    m.entries.push_back(
        {{term_t{e.term()}, index_t{}},
         static_cast<raft::entry_kind>(e.kind()),
         log_time{e.time()},
         shared_bytes{e.data()}});
  }
  absl::Status indices = give_indices(m);
  if (!indices.ok()) return indices;
  return m;
}

}  // namespace

void append_raft_frame(std::string& out, const raft::message& message) {
  const std::size_t start = begin_frame(out);
  std::visit([&out](const auto& m) { append_payload(out, m); }, message);
  end_frame(out, start, frame_type::raft_message);
}

absl::StatusOr<raft::message> decode_raft_message(const shared_bytes& payload) {
  if (const auto body = body_of_append(payload.view())) return decode_append(payload, *body);
  wire::RaftMessage m;
  const auto size = static_cast<int>(payload.size());
  if (payload.size() > frame_bytes_max || !m.ParseFromArray(payload.view().data(), size)) {
    return malformed();
  }
  switch (m.body_case()) {
    case wire::RaftMessage::kVoteRequest: {
      const auto& b = m.vote_request();
      return raft::vote_request{term_t{b.term()}, id_of(b.last()), ballot_of(b.pre_vote())};
    }
    case wire::RaftMessage::kVoteReply: {
      const auto& b = m.vote_reply();
      return raft::vote_reply{term_t{b.term()}, ballot_of(b.pre_vote()), b.granted()};
    }
    case wire::RaftMessage::kAppendRequest:
      return decode_unusual_append(m.append_request());
    case wire::RaftMessage::kAppendReply: {
      const auto& b = m.append_reply();
      return raft::append_reply{
          term_t{b.term()}, b.accepted(), index_t{b.index()}, id_of(b.hint())};
    }
    case wire::RaftMessage::kHeartbeat: {
      const auto& b = m.heartbeat();
      return raft::heartbeat{term_t{b.term()}, index_t{b.commit()}, b.round()};
    }
    case wire::RaftMessage::kHeartbeatReply:
      return raft::heartbeat_reply{term_t{m.heartbeat_reply().term()}, m.heartbeat_reply().round()};
    case wire::RaftMessage::BODY_NOT_SET:
      break;
  }
  return absl::InvalidArgumentError(
      "A Raft message of a kind that this program does not know: update this node.");
}

void append_message_frame(
    std::string& out, frame_type type, const google::protobuf::MessageLite& message) {
  const std::size_t start = begin_frame(out);
  message.AppendToString(&out);
  end_frame(out, start, type);
}

}  // namespace atomix::net
