// SPDX-License-Identifier: Apache-2.0
// Clusters that are old when a run begins.
#include "sim/earlier_life.hpp"

#include "sim/run.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <cstdint>
#include <set>

#include "tests/sim/small_log.hpp"

namespace atomix::sim {
namespace {

TEST(earlier_life, is_what_a_replica_recovers_even_after_a_power_cut) {
  disk media{prng{1}};
  earlier_life{1ULL << 40U, 1ULL << 36U}.leave_on(media, options_of_log());
  media.crash();
  raft::opened_log found;
  ASSERT_TRUE(raft::log::open(media, options_of_log(), found).ok());
  EXPECT_EQ(found.recovered.state.term, term_t{1ULL << 40U});
  ASSERT_EQ(found.recovered.entries.size(), 1U);
  EXPECT_EQ(found.recovered.entries[0].id, (raft::entry_id{term_t{1ULL << 40U}, index_t{1}}));
  EXPECT_EQ(found.recovered.entries[0].time, log_time{1ULL << 36U});
}

TEST(earlier_life, most_clusters_have_none_and_the_others_any_number_of_terms) {
  std::set<int> lengths;
  int none = 0;
  for (std::uint64_t seed = 1; seed <= 1'000; ++seed) {
    const earlier_life drawn = earlier_life::draw(prng{seed});
    if (drawn.term == 0) ++none;
    lengths.insert(static_cast<int>(std::bit_width(drawn.term)));
    EXPECT_LT(drawn.time_ms, 1ULL << 41U);
  }
  EXPECT_GT(none, 600);
  EXPECT_LT(none, 900);
  EXPECT_EQ(lengths.size(), 48U);  // none at all, and 1 to 47 bits
}

// Numbers that take 8 and 6 bytes on the wire.
TEST(earlier_life, a_run_goes_on_from_there) {
  const auto& all = all_fault_kinds();
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    scenario s = draw_scenario({seed, 6 * second, 3, 2, {all.begin(), all.end()}, false});
    s.cluster.before = {1ULL << 47U, 1ULL << 41U};
    const run_report report = run(s, {});
    for (const violation& v : report.violations)
      ADD_FAILURE() << "seed " << seed << ": " << v.property << ": " << v.sentence;
    EXPECT_GT(report.clients.acknowledged, 10U) << "seed " << seed;
  }
}

}  // namespace
}  // namespace atomix::sim
