// SPDX-License-Identifier: Apache-2.0
/// \file Immutable bytes that are passed around without being copied.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace atomix {

/// A view into a buffer that it keeps alive. Copies are cheap and may cross threads.
class shared_bytes {
 public:
  shared_bytes() = default;
  explicit shared_bytes(std::string data) {
    auto owner = std::make_shared<const std::string>(std::move(data));
    view_ = *owner;
    owner_ = std::move(owner);
  }
  /// Requires: `view` lies inside what `owner` keeps alive.
  shared_bytes(std::shared_ptr<const void> owner, std::string_view view)
      : owner_(std::move(owner)), view_(view) {}

  [[nodiscard]] std::string_view view() const { return view_; }
  [[nodiscard]] std::size_t size() const { return view_.size(); }
  [[nodiscard]] bool empty() const { return view_.empty(); }
  /// The part from `offset`, sharing the same buffer. Requires: `offset + size <= this->size()`.
  [[nodiscard]] shared_bytes slice(std::size_t offset, std::size_t size) const {
    return {owner_, view_.substr(offset, size)};
  }
  friend bool operator==(const shared_bytes& a, const shared_bytes& b) {
    return a.view_ == b.view_;
  }

 private:
  std::shared_ptr<const void> owner_;
  std::string_view view_;
};

}  // namespace atomix
