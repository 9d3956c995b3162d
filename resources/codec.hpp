// SPDX-License-Identifier: Apache-2.0
/// \file How values of the user become bytes. Specialise `codec` for types of your own; Protobuf
/// messages work as they are.
///
/// Replicas compare and order bytes, never values: a codec should give equal bytes for equal values
/// (Protobuf does not promise that between versions or with maps: do not compare-and-set such).
#pragma once

#include <absl/status/statusor.h>

#include <charconv>
#include <concepts>
#include <string>
#include <string_view>
#include <type_traits>

namespace atomix {

/// Requires: `static std::string encode(const T&)` and
/// `static absl::StatusOr<T> decode(std::string_view)`, each undoing the other.
template <class T>
struct codec;

template <>
struct codec<std::string> {
  static std::string encode(const std::string& value) { return value; }
  static absl::StatusOr<std::string> decode(std::string_view bytes) { return std::string(bytes); }
};

template <>
struct codec<bool> {
  static std::string encode(bool value) { return value ? "true" : "false"; }
  static absl::StatusOr<bool> decode(std::string_view bytes) {
    if (bytes == "true") return true;
    if (bytes == "false") return false;
    return absl::InvalidArgumentError("The stored bytes are neither true nor false.");
  }
};

/// Integers and floating point numbers as decimal text, so that the command line and clients in
/// other languages read the same. The shortest text that gives the same number back.
template <class T>
requires std::is_arithmetic_v<T>
struct codec<T> {
  static std::string encode(T value) {
    char text[64];
    const auto end = std::to_chars(text, text + sizeof text, value).ptr;
    return {text, end};
  }
  static absl::StatusOr<T> decode(std::string_view bytes) {
    T value{};
    const char* const end = bytes.data() + bytes.size();
    const auto parsed = std::from_chars(bytes.data(), end, value);
    if (parsed.ec == std::errc{} && parsed.ptr == end) return value;
    return absl::InvalidArgumentError(
        "The stored bytes are not a number, or one too large for this type.");
  }
};

/// Protobuf messages, recognised by their shape: this header does not need Protobuf.
template <class T>
requires requires(T message, const T& other, const std::string& bytes) {
  { other.SerializeAsString() } -> std::same_as<std::string>;
  { message.ParseFromString(bytes) } -> std::same_as<bool>;
}
struct codec<T> {
  static std::string encode(const T& value) { return value.SerializeAsString(); }
  static absl::StatusOr<T> decode(std::string_view bytes) {
    T value;
    if (value.ParseFromString(std::string(bytes))) return value;
    return absl::InvalidArgumentError("The stored bytes are not a message of this type.");
  }
};

}  // namespace atomix
