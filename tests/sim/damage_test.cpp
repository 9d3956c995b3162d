// SPDX-License-Identifier: Apache-2.0
// What media do to a log by themselves: always noticed, wherever it is, and undone to the byte.
#include "sim/damage.hpp"

#include "sim/media_audit.hpp"
#include "sim/run.hpp"

#include <gtest/gtest.h>

#include <string>

#include "tests/sim/small_log.hpp"

namespace atomix::sim {
namespace {

/// Entries of various sizes in several segments, votes between them, one batch each.
void write_log(disk& d) {
  raft::opened_log opened;
  auto log = raft::log::open(d, options_of_log(), opened);
  ASSERT_TRUE(log.ok()) << log.status();
  for (std::uint64_t i = 1; i <= 60; ++i) {
    raft::save_batch batch;
    batch.state_changed = i % 5 == 1;
    batch.state = {term_t{1 + i / 5}, node_id{i}};
    raft::entry e;
    e.id = {term_t{1 + i / 5}, index_t{i}};
    e.data = shared_bytes{std::string(i * 37 % 300, 'x')};
    batch.entries.push_back(std::move(e));
    ASSERT_TRUE((*log)->append({batch}).ok());
  }
  d.complete_syncs();
}

absl::Status start(disk& d) {
  raft::opened_log opened;
  return raft::log::open(d, options_of_log(), opened).status();
}

struct damage_test : testing::TestWithParam<damage_kind> {};

TEST_P(damage_test, is_noticed_wherever_it_is_and_can_be_undone) {
  std::size_t inflicted = 0;
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    disk d{prng{1}};
    write_log(d);
    d.crash();
    const auto harm = damage::inflict(d, GetParam(), prng{seed});
    if (!harm) continue;
    ++inflicted;
    const absl::Status refused = start(d);
    ASSERT_FALSE(refused.ok()) << harm->words();
    EXPECT_EQ(absl::IsDataLoss(refused), harm->alters_bytes()) << harm->words() << refused;
    EXPECT_NE(refused.message().find("/data/"), std::string::npos) << refused;
    const auto without = recover_copy(d, &*harm);
    ASSERT_TRUE(without.ok()) << without.status();
    EXPECT_EQ(without->recovered.entries.size(), 60U);
    d.crash();
    harm->mend(d);
    EXPECT_TRUE(start(d).ok()) << harm->words();
  }
  EXPECT_GT(inflicted, 100U);
}

// A process that runs on reads its log only for others who are behind.
TEST_P(damage_test, is_never_read_as_something_else) {
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    disk d{prng{1}};
    write_log(d);
    raft::opened_log opened;
    auto log = raft::log::open(d, options_of_log(), opened);
    ASSERT_TRUE(log.ok()) << log.status();
    d.complete_syncs();
    if (!damage::inflict(d, GetParam(), prng{seed})) continue;
    for (std::uint64_t i = 1; i <= 60; ++i) {
      const auto read = (*log)->read(index_t{i}, 1);
      if (!read.ok()) continue;
      ASSERT_EQ(read->front().data.view(), std::string(i * 37 % 300, 'x'));
    }
  }
}

INSTANTIATE_TEST_SUITE_P(
    kinds,
    damage_test,
    testing::Values(damage_kind::flipped_bit, damage_kind::stray_write, damage_kind::bad_sector));

TEST(damage, of_a_log_that_is_too_short_is_none) {
  disk d{prng{1}};
  EXPECT_FALSE(damage::inflict(d, damage_kind::flipped_bit, prng{1}));
}

TEST(damage, costs_no_more_than_a_minority_for_good) {
  std::uint64_t lost = 0;
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    run_options options;
    options.seed = seed;
    options.time = 10 * second;
    options.faults = {fault_kind::bit_rot, fault_kind::stray_write, fault_kind::bad_sector};
    const run_report report = run(options);
    for (const violation& v : report.violations)
      ADD_FAILURE() << "seed " << seed << ": " << v.property << ": " << v.sentence;
    EXPECT_LE(report.lost, 2U);
    lost += report.lost;
  }
  EXPECT_GT(lost, 6U);
}

TEST(damage, a_lost_disk_is_gone_for_good_and_the_others_go_on) {
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    run_options options;
    options.seed = seed;
    options.time = 10 * second;
    options.nodes = 5;
    options.faults = {fault_kind::lost_disk, fault_kind::killed};
    const run_report report = run(options);
    for (const violation& v : report.violations)
      ADD_FAILURE() << "seed " << seed << ": " << v.property << ": " << v.sentence;
    const auto fired = report.fired.find(fault_kind::lost_disk);
    EXPECT_EQ(report.lost, fired == report.fired.end() ? 0 : fired->second);
    EXPECT_LE(report.lost, 2U);
  }
}

TEST(damage, spares_clusters_that_need_every_replica) {
  run_options options;
  options.time = 10 * second;
  options.nodes = 2;
  options.faults = {fault_kind::bit_rot, fault_kind::stray_write, fault_kind::lost_disk};
  const run_report report = run(options);
  EXPECT_TRUE(report.ok());
  EXPECT_TRUE(report.fired.empty());
}

}  // namespace
}  // namespace atomix::sim
