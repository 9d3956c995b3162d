// SPDX-License-Identifier: Apache-2.0
/// \file What media do to a log by themselves. Always to a part that later records prove to have
/// been durable: there the log must notice, and its replica must refuse to go on. (What is lost at
/// the very end of a log cannot be told from what was never written; no log survives that.)
#pragma once

#include "sim/disk.hpp"

#include "raft/base/prng.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace atomix::sim {

enum class damage_kind : std::uint8_t {
  flipped_bit,  ///< one bit is another one
  stray_write,  ///< what was meant for one sector went to another one
  bad_sector,   ///< a sector cannot be read
};

class damage {
 public:
  /// None if the log is too short, or cannot be read anyway.
  [[nodiscard]] static std::optional<damage> inflict(disk& media, damage_kind kind, prng chance);
  /// As before; also for a copy of the media.
  void mend(disk& media) const;
  /// Whether the media hold other bytes now, or only do not give them.
  [[nodiscard]] bool alters_bytes() const { return !pieces_.empty(); }
  /// "a bit of /data/00000001.log at offset 311 is another one".
  [[nodiscard]] const std::string& words() const { return words_; }

 private:
  struct piece {
    std::string path;
    std::uint64_t offset = 0;
    std::string before;
  };
  damage(std::vector<piece> pieces, std::string words)
      : pieces_(std::move(pieces)), words_(std::move(words)) {}

  std::vector<piece> pieces_;  // that hold other bytes now
  std::string words_;
};

}  // namespace atomix::sim
