// SPDX-License-Identifier: Apache-2.0
/// \file The contents of a simulated file, in pages. Copies share pages until one of them writes.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace atomix::sim {

class pages {
 public:
  static constexpr std::size_t page_bytes = 4096;
  static constexpr std::size_t sector_bytes = 512;
  using page = std::array<char, page_bytes>;

  [[nodiscard]] std::uint64_t size() const { return size_; }
  void write(std::uint64_t offset, std::string_view data);
  void truncate(std::uint64_t size);
  [[nodiscard]] std::string read(std::uint64_t offset, std::size_t size) const;

  [[nodiscard]] std::size_t count() const { return pages_.size(); }
  /// False if page `i` is the very same, or zeros, in both.
  [[nodiscard]] bool may_differ(const pages& other, std::size_t i) const;
  /// Takes sector `sector` of page `i` from `other`; grows to hold it.
  void take_sector(const pages& other, std::size_t i, std::size_t sector);

 private:
  [[nodiscard]] const page* at(std::size_t i) const {
    return i < pages_.size() ? pages_[i].get() : nullptr;
  }
  /// Page `i` as this file's own.
  page& own(std::size_t i);

  std::vector<std::shared_ptr<page>> pages_;  // null: zeros
  std::uint64_t size_ = 0;                    // bytes behind it, in its last page, are zeros
};

}  // namespace atomix::sim
