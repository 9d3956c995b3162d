// SPDX-License-Identifier: Apache-2.0
/// \file The 64-bit hash by which replicas compare their state. Not for secrets.
#pragma once

#include "resources/machine.hpp"

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace atomix::resources {

/// Hashes what a machine walks, eight bytes at a time, with a strong final mix. Equal walks give
/// equal hashes on every platform; strings are framed by their length, so "ab","c" differs from
/// "a","bc".
class hashing_walk final : public state_walk {
 public:
  void number(std::uint64_t value) override {
    hash_ = (hash_ ^ value) * 0x9e3779b97f4a7c15ULL;
    hash_ ^= hash_ >> 32U;
  }
  void bytes(std::string_view value) override {
    number(value.size());
    for (; value.size() >= 8; value.remove_prefix(8))
      number(whole_word(value.data()));
    if (!value.empty()) number(word(value));
  }
  [[nodiscard]] std::uint64_t value() const {
    std::uint64_t z = hash_;
    z = (z ^ (z >> 33U)) * 0xff51afd7ed558ccdULL;
    z = (z ^ (z >> 33U)) * 0xc4ceb9fe1a85ec53ULL;
    return z ^ (z >> 33U);
  }

 private:
  /// As `word` has eight bytes, in one load where memory is ordered like that.
  static std::uint64_t whole_word(const char* bytes) {
    if constexpr (std::endian::native != std::endian::little) return word({bytes, 8});
    std::uint64_t value = 0;
    std::memcpy(&value, bytes, sizeof value);
    return value;
  }
  /// At most eight bytes, the first the least: not as this machine would order them.
  static std::uint64_t word(std::string_view bytes) {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < bytes.size(); ++i)
      value |= std::uint64_t{static_cast<unsigned char>(bytes[i])} << (8U * i);
    return value;
  }

  std::uint64_t hash_ = 0xcbf29ce484222325ULL;
};

}  // namespace atomix::resources
