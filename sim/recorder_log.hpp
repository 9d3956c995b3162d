// SPDX-License-Identifier: Apache-2.0
/// \file The replicated log as all replicas together had it: every entry that any of them ever
/// saved, who holds what, and who knew of what when that it was committed. Part of `recorder`.
#pragma once

#include "sim/operation_words.hpp"
#include "sim/report/record.hpp"

#include "raft/base/ids.hpp"
#include "raft/core/entry.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace atomix::sim {

/// The last so many of what was added. Numbers count from 0 and stay.
template <class T>
class newest {
 public:
  explicit newest(std::size_t most) : most_(most) {}

  std::uint64_t add(T item) {
    if (items_.size() == most_) {
      items_.pop_front();
      ++dropped_;
    }
    items_.push_back(std::move(item));
    return dropped_ + items_.size() - 1;
  }
  /// Null if it is gone.
  [[nodiscard]] T* find(std::uint64_t number) {
    const bool known = number >= dropped_ && number - dropped_ < items_.size();
    return known ? &items_[static_cast<std::size_t>(number - dropped_)] : nullptr;
  }
  [[nodiscard]] std::uint64_t end() const { return dropped_ + items_.size(); }
  [[nodiscard]] std::uint64_t dropped() const { return dropped_; }
  [[nodiscard]] std::deque<T>& items() { return items_; }

 private:
  std::size_t most_;
  std::uint64_t dropped_ = 0;
  std::deque<T> items_;
};

class recorder_log {
 public:
  explicit recorder_log(std::size_t most) : slots_(most) {}

  /// The replica saved these, contiguous; whatever it held from there on is gone.
  void saved(std::size_t lane, const std::vector<raft::entry>& entries);
  void committed(std::size_t lane, const raft::entry& e, sim_time at);
  /// Operations of users' types have these words.
  void speak_also(more_words more) { more_ = std::move(more); }
  void fill(run_record& record);
  [[nodiscard]] std::uint64_t dropped() const { return slots_.dropped(); }

 private:
  static constexpr std::size_t nothing = ~std::size_t{0};
  struct version {
    term_t term;
    std::uint32_t check = 0;  // of its content
    std::string text;
    std::vector<std::optional<sim_time>> committed;  // by lane
  };
  struct slot {
    std::vector<version> versions;
    std::vector<std::size_t> held;  // by lane: position in `versions`
  };
  [[nodiscard]] slot* at(index_t index);
  [[nodiscard]] std::size_t number_of(slot& s, const raft::entry& e) const;

  newest<slot> slots_;  // by index - 1
  more_words more_;
};

}  // namespace atomix::sim
