// SPDX-License-Identifier: Apache-2.0
// Wrong owner, locked, full or failing disk: a clear refusal, and nothing lost.
#include <absl/strings/str_cat.h>
#include <gtest/gtest.h>

#include "tests/raft/storage_lab.hpp"

namespace atomix::raft::lab {
namespace {

TEST(owner, of_another_cluster_or_member_is_refused) {
  sim::disk d(prng(1));
  { ASSERT_TRUE(open_log(d).writer.ok()); }
  log_options cluster = options_for_tests();
  cluster.cluster = "other";
  log_options node = options_for_tests();
  node.node = "n2";
  for (const log_options& o : {cluster, node}) {
    const auto status = open_log(d, o).writer.status();
    EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
    EXPECT_NE(status.message().find("belongs to"), std::string::npos) << status;
  }
  EXPECT_TRUE(open_log(d).writer.ok()) << "a refusal leaves no lock behind";
}

TEST(owner, holds_the_lock_while_the_log_is_open) {
  sim::disk d(prng(1));
  {
    const opened first = open_log(d);
    ASSERT_TRUE(first.writer.ok());
    EXPECT_TRUE(absl::IsFailedPrecondition(open_log(d).writer.status()));
  }
  EXPECT_TRUE(open_log(d).writer.ok());
}

TEST(options, out_of_range_are_refused) {
  sim::disk d(prng(1));
  log_options small = options_for_tests();
  small.segment_bytes = 4095;
  log_options lines = options_for_tests();
  lines.node = "a\nb";
  log_options uuid = options_for_tests();
  uuid.fresh_uuid = "short";
  for (const log_options& o : {small, lines, uuid}) {
    EXPECT_TRUE(absl::IsInvalidArgument(open_log(d, o).writer.status()));
  }
}

/// Appends until something fails; returns what was promised. Batches of the test are entries i.
struct outcome {
  absl::Status failure;
  std::uint64_t promised = 0;
};

outcome append_until_failure(log& to, std::uint64_t first, std::uint64_t count) {
  outcome out;
  for (std::uint64_t i = first; i < first + count; ++i) {
    out.failure = append_one(to, entries_of(1, i, i, 200));
    if (!out.failure.ok()) return out;
    out.promised = i;
  }
  return out;
}

/// Everything promised is there, and at most the one write more that failed.
void expect_recovers(sim::disk& d, std::uint64_t promised, const std::string& what) {
  const opened again = open_log(d);
  ASSERT_TRUE(again.writer.ok()) << what << ": " << again.writer.status();
  const auto& entries = again.found.recovered.entries;
  ASSERT_GE(entries.size(), promised) << what;
  ASSERT_LE(entries.size(), promised + 1) << what;
  for (std::size_t i = 0; i < entries.size(); ++i)
    ASSERT_EQ(entries[i], entry_of(1, i + 1, 200));
  // And the new process makes promises that no power cut takes back.
  for (std::uint64_t next = entries.size() + 1; next <= entries.size() + 30; ++next) {
    ASSERT_TRUE(append_one(**again.writer, entries_of(1, next, next, 200)).ok()) << what;
    d.complete_syncs();
    const std::unique_ptr<sim::disk> media = d.copy_of_media();
    const opened after_cut = open_log(*media);
    ASSERT_TRUE(after_cut.writer.ok()) << what << ": " << after_cut.writer.status();
    ASSERT_EQ(after_cut.found.recovered.entries.size(), next) << what;
  }
}

TEST(full_disk, at_every_write_loses_nothing) {
  for (std::uint64_t limit = 0; limit < 24000; limit += 100) {
    sim::disk d(prng(limit + 1));
    d.space_bytes(limit);
    const std::string what = absl::StrCat("limit ", limit);
    std::uint64_t promised = 0;
    {
      const opened o = open_log(d);
      if (o.writer.ok()) {
        const outcome out = append_until_failure(**o.writer, 1, 60);
        promised = out.promised;
        if (out.failure.ok()) continue;
        EXPECT_TRUE(absl::IsResourceExhausted(out.failure)) << out.failure;
        EXPECT_NE(out.failure.message().find("Free some space"), std::string::npos);
        EXPECT_EQ(append_one(**o.writer, entries_of(1, 1, 1)), out.failure) << what;
        EXPECT_EQ((*o.writer)->prepare(), out.failure) << what;
        EXPECT_EQ((*o.writer)->read(index_t{1}, 10).status(), out.failure) << what;
      } else {
        EXPECT_TRUE(absl::IsResourceExhausted(o.writer.status())) << o.writer.status();
      }
      d.complete_syncs();
    }
    d.crash();
    d.space_bytes(1U << 30U);
    expect_recovers(d, promised, what);
  }
}

TEST(full_disk, leaves_the_log_usable_if_only_preparing_failed) {
  sim::disk d(prng(1));
  const opened o = open_log(d);
  ASSERT_TRUE(append_until_failure(**o.writer, 1, 9).failure.ok());
  d.space_bytes(0);
  EXPECT_TRUE(absl::IsResourceExhausted((*o.writer)->prepare()));
  d.space_bytes(1U << 20U);
  EXPECT_TRUE((*o.writer)->prepare().ok());
  EXPECT_TRUE(append_until_failure(**o.writer, 10, 40).failure.ok());
}

enum class fault { sync, write };

/// Fails the n-th call, ends the process by kill or power cut, and starts again.
void fail_call(fault kind, std::size_t nth, bool power_cut, bool& fired) {
  sim::disk d(prng(nth * 2 + (power_cut ? 1 : 0)));
  const absl::Status error = absl::UnavailableError("The disk is broken.");
  kind == fault::sync ? d.fail_next_sync(error, nth) : d.fail_next_write(error, nth);
  std::uint64_t promised = 0;
  {
    const opened o = open_log(d);
    if (o.writer.ok()) {
      const outcome out = append_until_failure(**o.writer, 1, 60);
      promised = out.promised;
      fired = !out.failure.ok();
      if (fired) {
        EXPECT_EQ(out.failure, error);
        EXPECT_EQ(append_one(**o.writer, entries_of(1, 1, 1)), error) << "the first error stays";
      }
    } else {
      fired = true;
    }
    d.complete_syncs();
    power_cut ? d.crash() : d.kill();
  }
  d.fail_next_sync(absl::OkStatus());
  d.fail_next_write(absl::OkStatus());
  const std::string what = absl::StrCat("call ", nth);
  expect_recovers(d, promised, what);
  // What the new process promised must not rest on pages that the failed sync left behind.
  d.complete_syncs();
  d.crash();
  const opened last = open_log(d);
  ASSERT_TRUE(last.writer.ok()) << what << ": " << last.writer.status();
  ASSERT_GE(last.found.recovered.entries.size(), promised + 30) << what;
}

TEST(failing_disk, at_every_call_stops_promises_and_loses_nothing) {
  for (const fault kind : {fault::sync, fault::write}) {
    for (const bool power_cut : {false, true}) {
      bool fired = true;
      std::size_t nth = 0;
      for (; fired && nth < 500; ++nth) {
        fail_call(kind, nth, power_cut, fired);
        if (HasFatalFailure()) return;
      }
      EXPECT_GT(nth, 60U);
      EXPECT_FALSE(fired) << "the last run must have gone through";
    }
  }
}

TEST(failing_disk, on_preparing_the_current_segment_is_final) {
  sim::disk d(prng(1));
  const opened o = open_log(d);
  ASSERT_TRUE(append_until_failure(**o.writer, 1, 3).failure.ok());
  d.fail_next_sync(absl::UnavailableError("The disk is broken."));
  EXPECT_FALSE((*o.writer)->prepare().ok());
  EXPECT_FALSE(append_one(**o.writer, entries_of(1, 4, 4)).ok());
}

}  // namespace
}  // namespace atomix::raft::lab
