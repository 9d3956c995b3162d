// SPDX-License-Identifier: Apache-2.0
// What an undamaged log does: it comes back as it was, whatever it went through.
#include <gtest/gtest.h>

#include "tests/raft/storage_lab.hpp"

namespace atomix::raft::lab {
namespace {

struct recovery_case {
  const char* name;
  std::vector<save_batch> batches;
};

std::vector<save_batch> many(std::uint64_t count, std::size_t size) {
  std::vector<save_batch> out;
  for (std::uint64_t i = 1; i <= count; ++i)
    out.push_back(entries_of(1, i, i, size));
  return out;
}

// Every place where a batch may end next to where zeros begin.
std::vector<save_batch> about_half_a_segment() {
  const std::size_t half = options_for_tests().segment_bytes / 2;
  std::vector<save_batch> out;
  for (std::size_t size = half - 400; size < half + 50; size += 8)
    out.push_back(entries_of(1, out.size() + 1, out.size() + 1, size));
  return out;
}

std::vector<recovery_case> recovery_cases() {
  save_batch both = entries_of(2, 1, 3);
  both.state_changed = true;
  both.state = {term_t{2}, node_id{3}};
  return {
      {"nothing", {}},
      {"only_a_vote", {state_of(1, 2)}},
      {"a_vote_replaced", {state_of(1, 2), state_of(2, 0), state_of(2, 1)}},
      {"entries", {entries_of(1, 1, 3), entries_of(1, 4, 4)}},
      {"state_and_entries_in_one", {both, state_of(3, 0)}},
      {"overwrite_all", {entries_of(1, 1, 5), entries_of(2, 1, 2)}},
      {"overwrite_the_tail", {entries_of(1, 1, 5), entries_of(2, 3, 3), entries_of(2, 4, 9)}},
      {"no_data", {entries_of(1, 1, 4, 0)}},
      {"several_segments", many(200, 100)},
      {"larger_than_a_segment",
       {entries_of(1, 1, 2), entries_of(1, 3, 5, 9000), entries_of(1, 6, 7)}},
      {"larger_than_what_is_read_at_once",
       {entries_of(1, 1, 2), entries_of(1, 3, 3, 3U << 20U), entries_of(1, 4, 4, 3U << 20U)}},
      {"each_first_in_a_segment_filled_by_half", about_half_a_segment()},
      {"overwrite_across_segments",
       [] {
         auto batches = many(120, 100);
         batches.push_back(state_of(2, 1));
         batches.push_back(entries_of(2, 10, 150, 100));
         batches.push_back(entries_of(3, 60, 61));
         return batches;
       }()},
  };
}

class recovery : public testing::TestWithParam<recovery_case> {};
INSTANTIATE_TEST_SUITE_P(
    table, recovery, testing::ValuesIn(recovery_cases()), [](const auto& tested) {
      return std::string(tested.param.name);
    });

/// Reads all entries in steps of `step` bytes.
std::vector<entry> read_all(log& from, std::size_t step) {
  std::vector<entry> out;
  for (;;) {
    auto part = from.read(index_t{out.size() + 1}, step);
    EXPECT_TRUE(part.ok()) << part.status();
    if (!part.ok() || part->empty()) return out;
    out.insert(out.end(), part->begin(), part->end());
  }
}

TEST_P(recovery, finds_what_was_appended) {
  for (const bool prepared : {false, true}) {
    sim::disk d(prng(1));
    model expected;
    {
      const opened o = open_log(d);
      ASSERT_TRUE(o.writer.ok()) << o.writer.status();
      for (const save_batch& b : GetParam().batches) {
        ASSERT_TRUE(append_one(**o.writer, b).ok());
        if (prepared) {
          ASSERT_TRUE((*o.writer)->prepare().ok());
        }
        expected.take(b);
      }
      EXPECT_EQ(read_all(**o.writer, 1), expected.entries);
      EXPECT_EQ(read_all(**o.writer, 500), expected.entries);
    }
    d.complete_syncs();
    for (int life = 0; life < 3; ++life) {
      d.crash();
      const opened o = open_log(d);
      ASSERT_TRUE(o.writer.ok()) << o.writer.status();
      EXPECT_EQ(model_of(o.found.recovered), expected);
      EXPECT_TRUE(o.found.notes.empty()) << o.found.notes.front();
      EXPECT_EQ(o.found.uuid, options_for_tests().fresh_uuid);
      EXPECT_EQ(read_all(**o.writer, 1U << 20U), expected.entries);
      const save_batch more =
          entries_of(9, expected.entries.size() + 1, expected.entries.size() + 2);
      ASSERT_TRUE(append_one(**o.writer, more).ok());
      expected.take(more);
      d.complete_syncs();
    }
    EXPECT_TRUE(verify_log(d, directory).ok()) << verify_log(d, directory).status();
  }
}

TEST(log, writes_several_batches_as_one) {
  sim::disk d(prng(1));
  const std::vector<save_batch> batches = {
      state_of(1, 1), entries_of(1, 1, 3), entries_of(2, 2, 2)};
  model expected;
  for (const save_batch& b : batches)
    expected.take(b);
  {
    const opened o = open_log(d);
    // Exactly one sync: the second one would fail.
    d.fail_next_sync(absl::UnavailableError("second sync"), 1);
    ASSERT_TRUE((*o.writer)->append(batches).ok());
    d.fail_next_sync(absl::OkStatus());
  }
  EXPECT_EQ(model_of(open_log(d).found.recovered), expected);
}

TEST(log, an_empty_append_is_nothing) {
  sim::disk d(prng(1));
  const opened o = open_log(d);
  d.fail_next_sync(absl::UnavailableError("no sync expected"));
  EXPECT_TRUE((*o.writer)->append({}).ok());
  EXPECT_TRUE(append_one(**o.writer, save_batch{}).ok());
}

TEST(log, reads_at_least_one_entry_and_about_what_is_asked_for) {
  sim::disk d(prng(1));
  const opened o = open_log(d);
  ASSERT_TRUE(append_one(**o.writer, entries_of(1, 1, 10, 1000)).ok());
  EXPECT_EQ((*o.writer)->read(index_t{3}, 0)->size(), 1U);
  const auto some = (*o.writer)->read(index_t{3}, 3000);
  ASSERT_TRUE(some.ok());
  EXPECT_GE(some->size(), 3U);
  EXPECT_LE(some->size(), 4U);
  EXPECT_TRUE((*o.writer)->read(index_t{11}, 10)->empty());
  EXPECT_TRUE((*o.writer)->read(index_t{0}, 10)->empty());
}

TEST(log, survives_a_kill_at_level_memory) {
  sim::disk d(prng(1));
  log_options options = options_for_tests();
  options.level = durability::memory;
  d.fail_next_sync(absl::UnavailableError("nothing is synced at this level"));
  {
    const opened o = open_log(d, options);
    ASSERT_TRUE(o.writer.ok()) << o.writer.status();
    ASSERT_TRUE(append_one(**o.writer, entries_of(1, 1, 100, 100)).ok());
    d.kill();
  }
  const opened again = open_log(d, options);
  ASSERT_TRUE(again.writer.ok()) << again.writer.status();
  EXPECT_EQ(again.found.recovered.entries, entries_of(1, 1, 100, 100).entries);
}

TEST(log, verify_says_what_is_there) {
  sim::disk d(prng(1));
  {
    const opened o = open_log(d);
    ASSERT_TRUE(append_one(**o.writer, state_of(4, 2)).ok());
    ASSERT_TRUE(append_one(**o.writer, entries_of(3, 1, 5)).ok());
  }
  const auto text = verify_log(d, directory);
  ASSERT_TRUE(text.ok()) << text.status();
  EXPECT_EQ(
      *text,
      "The log is intact: cluster test, member n1, 5 entries in 1 segments, last term 3, current "
      "term 4, vote 2.");
}

}  // namespace
}  // namespace atomix::raft::lab
