// SPDX-License-Identifier: Apache-2.0
#include "sim/damage.hpp"

#include "sim/media_audit.hpp"
#include "sim/pages.hpp"

#include "raft/storage/record.hpp"
#include "raft/storage/segment.hpp"

#include <absl/strings/str_cat.h>

#include <algorithm>

namespace atomix::sim {
namespace {

constexpr std::uint64_t sector = pages::sector_bytes;

struct place {
  std::string path;
  std::uint64_t offset = 0;
};

std::string path_of(std::uint64_t sequence) {
  return absl::StrCat("/data/", raft::segment_name(sequence));
}

/// A byte of some entry anywhere; or of whatever stands in the last segment before the last batch:
/// its header, votes, entries that were replaced.
std::optional<place> draw_byte(const raft::scanned_log& log, prng& chance) {
  const raft::byte_range& last = *log.last_batch;
  if (last.begin > 0 && chance.chance(1, 3))
    return place{path_of(last.sequence), chance.below(last.begin)};
  const auto proven = [&](const raft::entry_location& at) {
    return at.sequence < last.sequence || at.offset < last.begin;
  };
  const auto end = std::find_if_not(log.index.begin(), log.index.end(), proven);
  const auto count = static_cast<std::uint64_t>(end - log.index.begin());
  if (count == 0) return std::nullopt;
  const auto chosen = static_cast<std::size_t>(chance.below(count));
  const raft::entry_location at = log.index[chosen];
  const std::size_t bytes = raft::record_bytes(log.recovered.entries[chosen].data.size());
  return place{path_of(at.sequence), at.offset + chance.below(bytes)};
}

}  // namespace

std::optional<damage> damage::inflict(disk& media, damage_kind kind, prng chance) {
  const auto log = recover_copy(media, nullptr);
  if (!log.ok() || !log->last_batch) return std::nullopt;
  const raft::byte_range& last = *log->last_batch;
  const auto hit = draw_byte(*log, chance);
  if (!hit) return std::nullopt;
  const std::uint64_t begin = hit->offset / sector * sector;
  switch (kind) {
    case damage_kind::flipped_bit: {
      const std::string before = media.media_of(hit->path, hit->offset, 1);
      std::string after = before;
      const unsigned flipped = static_cast<unsigned char>(after[0]) ^ (1U << chance.below(8));
      after[0] = static_cast<char>(flipped);
      media.overwrite(hit->path, hit->offset, after);
      return damage{
          {{hit->path, hit->offset, before}},
          absl::StrCat("a bit of ", hit->path, " at offset ", hit->offset, " is another one")};
    }
    case damage_kind::stray_write: {
      // Both in the last segment before the last batch: the one lacks what the other one got.
      const std::uint64_t count = last.begin / sector;
      if (count < 2) return std::nullopt;
      const std::uint64_t meant = chance.below(count) * sector;
      const std::uint64_t met = chance.below(count) * sector;
      const std::string path = path_of(last.sequence);
      const std::string written = media.media_of(path, meant, sector);
      const std::string before = media.media_of(path, met, sector);
      if (written == before) return std::nullopt;
      media.overwrite(path, met, written);
      media.overwrite(path, meant, std::string(sector, '\0'));
      return damage{
          {{path, meant, written}, {path, met, before}},
          absl::StrCat("what was meant for offset ", meant, " of ", path, " went to ", met)};
    }
    case damage_kind::bad_sector:
      // Where nothing is written any more: a write would make it readable.
      if (hit->path == path_of(last.sequence) && begin + sector > last.begin) return std::nullopt;
      media.lose_sector(hit->path, begin);
      return damage{
          {}, absl::StrCat("the sector of ", hit->path, " at offset ", begin, " cannot be read")};
  }
  return std::nullopt;
}

void damage::mend(disk& media) const {
  for (const piece& p : pieces_)
    media.overwrite(p.path, p.offset, p.before);
  media.find_sectors();
}

}  // namespace atomix::sim
