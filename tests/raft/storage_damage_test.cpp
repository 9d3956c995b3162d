// SPDX-License-Identifier: Apache-2.0
// Torn tails are repaired, damage is refused, and nothing is ever silently wrong.
#include <absl/strings/str_cat.h>
#include <gtest/gtest.h>

#include "tests/raft/storage_lab.hpp"

namespace atomix::raft::lab {
namespace {

constexpr const char* first_segment = "0000000000000001.log";

/// A small log: what its files are after each batch, and what they mean.
struct history {
  std::vector<contents> files;
  std::vector<model> models;
  std::vector<std::size_t> ends;  // of the first segment's records
};

history run(const std::vector<save_batch>& batches) {
  history h;
  sim::disk d(prng(1));
  const opened o = open_log(d);
  model expected;
  const auto remember = [&] {
    h.files.push_back(contents_of(d));
    h.models.push_back(expected);
    const std::size_t last = h.files.back()[first_segment].find_last_not_of('\0') + 1;
    h.ends.push_back((last + 7) / 8 * 8);
  };
  remember();
  for (const save_batch& b : batches) {
    EXPECT_TRUE(append_one(**o.writer, b).ok());
    expected.take(b);
    remember();
  }
  return h;
}

std::vector<save_batch> small_log() {
  save_batch second = entries_of(1, 2, 4, 33);
  second.state_changed = true;
  second.state = {term_t{2}, node_id{1}};
  return {entries_of(1, 1, 1), second, entries_of(2, 3, 5, 21)};
}

/// Opens, expects `wanted`, appends, reopens: the repair must hold.
void expect_usable(sim::disk& d, const model& wanted, bool repaired, const std::string& what) {
  model expected = wanted;
  {
    const opened o = open_log(d);
    ASSERT_TRUE(o.writer.ok()) << what << ": " << o.writer.status();
    ASSERT_EQ(model_of(o.found.recovered), expected) << what;
    ASSERT_EQ(!o.found.notes.empty(), repaired) << what;
    const save_batch more = entries_of(7, expected.entries.size() + 1, expected.entries.size() + 1);
    ASSERT_TRUE(append_one(**o.writer, more).ok()) << what;
    expected.take(more);
    d.complete_syncs();
  }
  d.crash();
  const opened again = open_log(d);
  ASSERT_TRUE(again.writer.ok()) << what << ": " << again.writer.status();
  ASSERT_EQ(model_of(again.found.recovered), expected) << what;
  ASSERT_TRUE(again.found.notes.empty()) << what;
}

TEST(torn_tail, is_cut_at_every_byte_of_the_last_batch) {
  const auto batches = small_log();
  const history h = run(batches);
  for (std::size_t last = 1; last < h.files.size(); ++last) {
    const contents& before = h.files[last - 1];
    const contents& after = h.files[last];
    for (std::size_t cut = h.ends[last - 1]; cut < h.ends[last]; ++cut) {
      contents torn = before;
      torn[first_segment].replace(0, cut, after.at(first_segment).substr(0, cut));
      const bool any = torn[first_segment] != before.at(first_segment);
      if (torn[first_segment] == after.at(first_segment)) continue;  // only zeros were left out
      expect_usable(*disk_with(torn), h.models[last - 1], any, absl::StrCat("cut ", cut));
      // The other way round: only the end arrived.
      contents late = after;
      late[first_segment].replace(0, cut, before.at(first_segment).substr(0, cut));
      if (late[first_segment] == after.at(first_segment)) continue;
      expect_usable(*disk_with(late), h.models[last - 1], true, absl::StrCat("late ", cut));
    }
    expect_usable(*disk_with(after), h.models[last], false, "whole");
  }
}

// It was too large for the rest of the first segment. What is written next is not.
TEST(torn_tail, in_a_segment_that_it_began_is_cut) {
  const std::size_t room = options_for_tests().segment_bytes;
  const history h = run({entries_of(1, 1, 1), entries_of(1, 2, 2, room)});
  constexpr const char* second_segment = "0000000000000002.log";
  const std::string& whole = h.files[2].at(second_segment);
  const std::size_t end = whole.find_last_not_of('\0') + 1;
  for (std::size_t cut = 1; cut < end; cut += cut < 128 ? 1 : 512) {
    contents torn = h.files[2];
    torn[second_segment].replace(cut, end - cut, end - cut, '\0');
    expect_usable(*disk_with(torn), h.models[1], true, absl::StrCat("cut ", cut));
  }
}

TEST(torn_tail, of_a_file_that_ends_early_is_cut) {
  const history h = run(small_log());
  for (std::size_t size = h.ends[2]; size < h.ends[3]; ++size) {
    contents shorter = h.files[3];
    shorter[first_segment].resize(size);
    const bool any = shorter[first_segment].find_last_not_of('\0') + 1 > h.ends[2];
    expect_usable(*disk_with(shorter), h.models[2], any, absl::StrCat("size ", size));
  }
}

TEST(torn_tail, is_damage_to_verify) {
  const history h = run(small_log());
  contents torn = h.files[3];
  torn[first_segment][h.ends[3] - 1] ^= 1;  // padding counts
  const auto d = disk_with(torn);
  EXPECT_TRUE(absl::IsDataLoss(verify_log(*d, directory).status()));
  EXPECT_EQ(contents_of(*d), torn) << "verify must repair nothing";
}

TEST(flipped_bit, is_refused_or_cuts_the_last_batch) {
  const history h = run(small_log());
  const contents& whole = h.files.back();
  std::size_t refused = 0;
  std::size_t cut = 0;
  for (std::size_t at = 0; at < h.ends.back() + 64; ++at) {
    contents flipped = whole;
    flipped[first_segment][at] = static_cast<char>(flipped[first_segment][at] ^ (1 << (at % 8)));
    const auto d = disk_with(flipped);
    const opened o = open_log(*d);
    if (!o.writer.ok()) {
      ++refused;
      ASSERT_LT(at, h.ends[2]) << "only damage before the last batch may be refused";
      ASSERT_TRUE(absl::IsDataLoss(o.writer.status())) << o.writer.status();
      ASSERT_NE(o.writer.status().message().find(first_segment), std::string::npos);
      ASSERT_NE(o.writer.status().message().find("offset"), std::string::npos);
      ASSERT_NE(o.writer.status().message().find("add it again"), std::string::npos);
      ASSERT_EQ(contents_of(*d)[first_segment], flipped[first_segment]) << "refuse, change nothing";
      continue;
    }
    ASSERT_GE(at, h.ends[2]) << "damage before the last batch was not noticed";
    ASSERT_FALSE(o.found.notes.empty()) << "byte " << at;
    const bool in_last = model_of(o.found.recovered) == h.models[2];
    const bool behind = model_of(o.found.recovered) == h.models[3];
    ASSERT_TRUE(in_last || behind) << "byte " << at;
    if (in_last) ++cut;
  }
  EXPECT_GT(refused, 300U);
  EXPECT_GT(cut, 100U);
}

/// Several segments, with a batch per segment boundary.
std::vector<save_batch> long_log() {
  std::vector<save_batch> out = {state_of(1, 1)};
  for (std::uint64_t i = 1; i <= 100; ++i)
    out.push_back(entries_of(1, i, i, 60));
  return out;
}

TEST(damage, in_any_sector_before_the_last_batch_is_refused) {
  const history h = run(long_log());
  const contents& whole = h.files.back();
  std::size_t tried = 0;
  for (const auto& [name, bytes] : whole) {
    if (name.find(".log") == std::string::npos) continue;
    for (std::size_t at = 0; at < bytes.size(); at += 512) {
      contents lost = whole;
      lost[name].replace(at, 512, std::string(512, '\0'));
      const bool is_last =
          name == "0000000000000003.log" && bytes.find_last_not_of('\0') < at + 512;
      if (lost[name] == bytes || is_last) continue;
      const auto d = disk_with(lost);
      const opened o = open_log(*d);
      ASSERT_TRUE(absl::IsDataLoss(o.writer.status())) << name << " at " << at;
      ++tried;
    }
  }
  EXPECT_GT(tried, 16U);
}

TEST(damage, missing_and_exchanged_segments_are_refused) {
  const history h = run(long_log());
  const contents& whole = h.files.back();
  ASSERT_TRUE(whole.contains("0000000000000003.log"));
  contents missing = whole;
  missing.erase("0000000000000002.log");
  EXPECT_TRUE(absl::IsDataLoss(open_log(*disk_with(missing)).writer.status()));
  contents first = whole;
  first.erase(first_segment);
  EXPECT_TRUE(absl::IsDataLoss(open_log(*disk_with(first)).writer.status()));
  contents swapped = whole;
  std::swap(swapped["0000000000000002.log"], swapped[first_segment]);
  EXPECT_TRUE(absl::IsDataLoss(open_log(*disk_with(swapped)).writer.status()));
  contents none = {{"identity", whole.at("identity")}};
  EXPECT_TRUE(absl::IsDataLoss(open_log(*disk_with(none)).writer.status()));
}

TEST(damage, of_the_identity_is_refused) {
  const history h = run(small_log());
  contents without = h.files.back();
  without.erase("identity");
  EXPECT_TRUE(absl::IsDataLoss(open_log(*disk_with(without)).writer.status()));
  for (std::size_t at = 0; at < h.files.back().at("identity").size(); ++at) {
    contents flipped = h.files.back();
    flipped["identity"][at] = static_cast<char>(flipped["identity"][at] ^ 4);
    const auto status = open_log(*disk_with(flipped)).writer.status();
    EXPECT_TRUE(absl::IsDataLoss(status) || absl::IsFailedPrecondition(status)) << at;
  }
}

TEST(damage, of_a_read_entry_is_an_error_not_a_wrong_entry) {
  sim::disk d(prng(1));
  const opened o = open_log(d);
  ASSERT_TRUE(append_one(**o.writer, entries_of(1, 1, 3)).ok());
  auto file = d.open(absl::StrCat(directory, "/", first_segment), open_mode::existing);
  ASSERT_TRUE((*file)->write(128 + 48 + 3, "?").ok());
  EXPECT_TRUE(absl::IsDataLoss((*o.writer)->read(index_t{1}, 100).status()));
  EXPECT_EQ((*o.writer)->read(index_t{2}, 100)->size(), 2U);
}

TEST(stale_data, of_another_directory_is_not_taken_for_records) {
  const history h = run(small_log());
  log_options other = options_for_tests();
  other.fresh_uuid = "6fa459ea-ee8a-3ca4-894e-db77e160355e";
  sim::disk d(prng(1));
  { const opened o = open_log(d, other); }
  contents mixed = contents_of(d);
  // Only the records: the header of another directory would be refused.
  mixed[first_segment].replace(
      128, h.ends.back() - 128, h.files.back().at(first_segment).substr(128, h.ends.back() - 128));
  const auto mixed_disk = disk_with(mixed);
  const opened o = open_log(*mixed_disk, other);
  ASSERT_TRUE(o.writer.ok()) << o.writer.status();
  EXPECT_TRUE(o.found.recovered.entries.empty());
}

}  // namespace
}  // namespace atomix::raft::lab
