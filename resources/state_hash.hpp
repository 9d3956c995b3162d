// SPDX-License-Identifier: Apache-2.0
/// \file The 64-bit hash by which replicas compare their state. Not for secrets.
#pragma once

#include "resources/machine.hpp"

#include <cstdint>
#include <string_view>

namespace atomix::resources {

/// Hashes what a machine walks: FNV-1a with a strong final mix. Equal walks give equal hashes on
/// every platform; strings are framed by their length, so "ab","c" differs from "a","bc".
class hashing_walk final : public state_walk {
 public:
  void number(std::uint64_t value) override {
    for (unsigned shift = 0; shift < 64; shift += 8)
      add(static_cast<unsigned char>((value >> shift) & 0xffU));
  }
  void bytes(std::string_view value) override {
    number(value.size());
    for (const char c : value)
      add(static_cast<unsigned char>(c));
  }
  [[nodiscard]] std::uint64_t value() const {
    std::uint64_t z = hash_;
    z = (z ^ (z >> 33U)) * 0xff51afd7ed558ccdULL;
    z = (z ^ (z >> 33U)) * 0xc4ceb9fe1a85ec53ULL;
    return z ^ (z >> 33U);
  }

 private:
  void add(unsigned char byte) { hash_ = (hash_ ^ byte) * 0x100000001b3ULL; }

  std::uint64_t hash_ = 0xcbf29ce484222325ULL;
};

}  // namespace atomix::resources
