// SPDX-License-Identifier: Apache-2.0
/// \file The few pieces of Protobuf's wire format that the hot path writes and reads by hand.
/// Internal to net/wire_codec.cpp.
#pragma once

#include <bit>
#include <cstdint>
#include <string_view>

namespace atomix::net::protobuf_wire {

enum class wire_type : std::uint8_t { varint = 0, fixed64 = 1, bytes = 2, fixed32 = 5 };

/// What stands before a field's value. Below field 16 it is one byte.
constexpr std::uint64_t tag(unsigned field, wire_type type) {
  return (std::uint64_t{field} << 3U) | static_cast<std::uint64_t>(type);
}

constexpr std::size_t varint_size(std::uint64_t value) {
  return (static_cast<std::size_t>(std::bit_width(value | 1U)) + 6) / 7;
}
/// Size of a number with its tag; proto3 leaves out a number that is 0.
constexpr std::size_t number_size(std::uint64_t value) {
  return value == 0 ? 0 : 1 + varint_size(value);
}
/// Size of `length` bytes with tag and length in front.
constexpr std::size_t bytes_size(std::size_t length) {
  return 1 + varint_size(length) + length;
}

/// Writes into memory of which the caller knows that it is large enough.
class writer {
 public:
  explicit writer(char* to) : to_(to) {}
  void varint(std::uint64_t value) {
    while (value >= 0x80) {
      *to_++ = static_cast<char>((value & 0x7fU) | 0x80U);
      value >>= 7U;
    }
    *to_++ = static_cast<char>(value);
  }
  void number(unsigned field, std::uint64_t value) {
    if (value == 0) return;
    varint(tag(field, wire_type::varint));
    varint(value);
  }
  /// The `length` bytes themselves come next.
  void bytes_header(unsigned field, std::size_t length) {
    varint(tag(field, wire_type::bytes));
    varint(length);
  }
  [[nodiscard]] const char* position() const { return to_; }

 private:
  char* to_;
};

/// Reads fields one after the other. After a failure nothing that it returned counts.
class reader {
 public:
  explicit reader(std::string_view bytes) : at_(bytes.data()), end_(bytes.data() + bytes.size()) {}

  [[nodiscard]] bool done() const { return at_ == end_; }
  [[nodiscard]] bool varint(std::uint64_t& value) {
    value = 0;
    for (unsigned shift = 0; shift < 70 && at_ != end_; shift += 7) {
      const auto byte = static_cast<std::uint8_t>(*at_++);
      value |= std::uint64_t{byte & 0x7fU} << shift;
      if (byte < 0x80) return true;
    }
    return false;
  }
  [[nodiscard]] bool bytes(std::string_view& value) {
    std::uint64_t length = 0;
    if (!varint(length) || length > remaining()) return false;
    value = {at_, static_cast<std::size_t>(length)};
    at_ += length;
    return true;
  }
  /// Passes over the value of a field that the reader does not know. Groups count as malformed.
  [[nodiscard]] bool skip(std::uint64_t field_tag) {
    std::uint64_t number = 0;
    std::string_view ignored;
    const bool has_field = (field_tag >> 3U) != 0 && field_tag <= 0xffffffffU;
    if (!has_field) return false;
    switch (static_cast<wire_type>(field_tag & 7U)) {
      case wire_type::varint:
        return varint(number);
      case wire_type::fixed64:
        return advance(8);
      case wire_type::bytes:
        return bytes(ignored);
      case wire_type::fixed32:
        return advance(4);
    }
    return false;
  }

 private:
  [[nodiscard]] std::size_t remaining() const { return static_cast<std::size_t>(end_ - at_); }
  [[nodiscard]] bool advance(std::size_t size) {
    if (remaining() < size) return false;
    at_ += size;
    return true;
  }

  const char* at_;
  const char* end_;
};

}  // namespace atomix::net::protobuf_wire
