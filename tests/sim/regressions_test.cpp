// SPDX-License-Identifier: Apache-2.0
// Small scenarios that were red once, each with what was wrong then.
#include "sim/repro.hpp"
#include "sim/run.hpp"

#include <gtest/gtest.h>

namespace atomix::sim {
namespace {

// An event was swallowed, its connection went on, and the next answer came without it. That is no
// fault of the cluster: connections that outlive a partition are not whole (`network::has_gaps`).
constexpr const char* scenario_a_connection_that_outlives_a_cut_has_a_gap = R"json({
  "format": 1,
  "check": "events",
  "sentence": "a command to counter, called at 15.002197s, told index 34 at 15.004259s: came after 0 events of its session; the log has before it 1",
  "bug": "",
  "seed": 450,
  "time_ns": 15312500000,
  "replicas": 1,
  "clients": 2,
  "election_ticks": 40,
  "heartbeat_ticks": 8,
  "append_bytes_max": 1048576,
  "inflight_bytes_max": 8388608,
  "cache_bytes_max": 67108864,
  "session_timeout_ms": 5000,
  "segment_bytes": 65536,
  "replies_max": 65536,
  "events_max": 100000,
  "drift_ppm": 0,
  "disks_lie": false,
  "delay_ns": 1000000,
  "delay_tail_ns": 0,
  "lost_ppm": 0,
  "repeated_ppm": 0,
  "reordered_ppm": 0,
  "corrupt_ppm": 0,
  "calm_noise": true,
  "core": 18446744073709551615,
  "faults": [
    {"kind":"clients-cut","start_ns":14519615000,"duration_ns":324000000,"target":9,"group":0,"detail":19}
  ],
  "calls": [
    {"at_ns":14266231362,"client":0,"program":"lock","word":12806329339772874914},
    {"at_ns":14499599111,"client":1,"program":"lock","word":11003286032648468437},
    {"at_ns":15002197546,"client":1,"program":"counter","word":8600164815324650569}
  ]
}
)json";

TEST(regression, a_connection_that_outlives_a_cut_has_a_gap) {
  const auto found = parse_repro(scenario_a_connection_that_outlives_a_cut_has_a_gap);
  ASSERT_TRUE(found.ok()) << found.status();
  const run_report report = run(found->what, run_options{});
  for (const violation& v : report.violations)
    ADD_FAILURE() << show_time(v.at) << " " << v.where << ": " << v.property << ": " << v.sentence;
}

}  // namespace
}  // namespace atomix::sim
