// SPDX-License-Identifier: Apache-2.0
// Small scenarios that were red once, each with what was wrong then.
#include "sim/repro.hpp"
#include "sim/run.hpp"

#include <gtest/gtest.h>

namespace atomix::sim {
namespace {

void expect_clean(const char* scenario) {
  const auto found = parse_repro(scenario);
  ASSERT_TRUE(found.ok()) << found.status();
  const run_report report = run(found->what, run_options{});
  for (const violation& v : report.violations)
    ADD_FAILURE() << show_time(v.at) << " " << v.where << ": " << v.property << ": " << v.sentence;
}

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
  expect_clean(scenario_a_connection_that_outlives_a_cut_has_a_gap);
}

// All machines lost power. The next leader had applied nothing yet when a client that had found it
// asked on for its own writes: an unknown session counted as one that is gone, with nothing to wait
// for, and the answer was that of an empty state.
constexpr const char* scenario_a_query_waits_until_its_session_is_known = R"json({
  "format": 1,
  "check": "session",
  "sentence": "a query of map, called at 10.140844s, told index 0 at 11.499352s: does not see a command that its session sent before",
  "bug": "",
  "seed": 2305,
  "time_ns": 11484375000,
  "replicas": 4,
  "clients": 5,
  "election_ticks": 40,
  "heartbeat_ticks": 8,
  "append_bytes_max": 1048576,
  "inflight_bytes_max": 8388608,
  "cache_bytes_max": 67108864,
  "session_timeout_ms": 5000,
  "segment_bytes": 65536,
  "replies_max": 65536,
  "events_max": 100000,
  "grain_ns": 1,
  "step_ns": 0,
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
    {"kind":"failed-write","start_ns":1553576750,"duration_ns":1000000,"target":26,"group":4,"detail":1},
    {"kind":"failed-write","start_ns":1766808000,"duration_ns":1000000,"target":12,"group":4,"detail":30},
    {"kind":"chain","start_ns":3385741250,"duration_ns":4558000000,"target":12,"group":1,"detail":63},
    {"kind":"lossy","start_ns":3579875500,"duration_ns":217500000,"target":4,"group":8,"detail":22},
    {"kind":"stopped","start_ns":5690398000,"duration_ns":2801000000,"target":18,"group":1,"detail":63},
    {"kind":"failed-write","start_ns":6146234000,"duration_ns":1000000,"target":16,"group":2,"detail":52},
    {"kind":"hunted-candidate","start_ns":7289565500,"duration_ns":4323000000,"target":1,"group":2,"detail":40},
    {"kind":"lossy","start_ns":7491535500,"duration_ns":2768000000,"target":6,"group":3,"detail":10},
    {"kind":"blackout","start_ns":10030505250,"duration_ns":1523437,"target":0,"group":1,"detail":49}
  ],
  "calls": [
    {"at_ns":257536249,"client":4,"program":"map","word":2828147226557731650},
    {"at_ns":273778375,"client":3,"program":"map","word":3114071745420896771},
    {"at_ns":1598101561,"client":0,"program":"map","word":628866888039829402},
    {"at_ns":1599271185,"client":2,"program":"counter","word":9413483153240370174},
    {"at_ns":1670606936,"client":4,"program":"election","word":9279604573149035705},
    {"at_ns":1677233685,"client":0,"program":"various","word":7691665386743257343},
    {"at_ns":1677623436,"client":3,"program":"election","word":1751834999500741817},
    {"at_ns":1716215185,"client":3,"program":"map","word":3422757251943735998},
    {"at_ns":1719333436,"client":4,"program":"lock","word":8738503766915552095},
    {"at_ns":1734796060,"client":2,"program":"counter","word":11865478073723079474},
    {"at_ns":10113947927,"client":0,"program":"counter","word":11459357302740074848},
    {"at_ns":10140844368,"client":0,"program":"map","word":2865749622344423930}
  ]
}
)json";

TEST(regression, a_query_waits_until_its_session_is_known) {
  expect_clean(scenario_a_query_waits_until_its_session_is_known);
}

// A client's opening was committed while it could not be reached, and answered 10 s later: by a
// leader that came back and applied its log anew, in which that session had ended long before. The
// client counted the session's time from when it had last asked; it counts from the first time.
constexpr const char* scenario_an_opening_is_as_old_as_its_first_request = R"json({
  "format": 1,
  "check": "session",
  "sentence": "a query of register 2, called at 10.103800s, told index 22 at 10.275300s: its session had expired at 6.835500s",
  "bug": "",
  "seed": 8534,
  "time_ns": 10000000000,
  "replicas": 5,
  "clients": 2,
  "election_ticks": 100,
  "heartbeat_ticks": 8,
  "append_bytes_max": 1048576,
  "inflight_bytes_max": 8388608,
  "cache_bytes_max": 67108864,
  "session_timeout_ms": 2500,
  "segment_bytes": 65536,
  "replies_max": 65536,
  "events_max": 100000,
  "grain_ns": 4900000,
  "step_ns": 0,
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
    {"kind":"client-cut","start_ns":1052000000,"duration_ns":6719000000,"target":1,"group":8,"detail":42},
    {"kind":"blackout","start_ns":3133000000,"duration_ns":1593750,"target":23,"group":16,"detail":23},
    {"kind":"blackout","start_ns":8717808000,"duration_ns":128000000,"target":3,"group":6,"detail":57}
  ],
  "calls": []
}
)json";

TEST(regression, an_opening_is_as_old_as_its_first_request) {
  expect_clean(scenario_an_opening_is_as_old_as_its_first_request);
}

// A client was paused, came back, closed its session, and only then learned that it had expired:
// the handle told of the loss of the lock, which its program had given up by leaving.
constexpr const char* scenario_who_leaves_loses_nothing = R"json({
  "format": 1,
  "check": "lock",
  "sentence": "told of the loss of what it did not hold",
  "bug": "",
  "seed": 2669,
  "time_ns": 2807566736,
  "replicas": 1,
  "clients": 1,
  "election_ticks": 40,
  "heartbeat_ticks": 8,
  "append_bytes_max": 1048576,
  "inflight_bytes_max": 8388608,
  "cache_bytes_max": 67108864,
  "session_timeout_ms": 2500,
  "segment_bytes": 65536,
  "replies_max": 65536,
  "events_max": 100000,
  "grain_ns": 1,
  "step_ns": 5000,
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
    {"kind":"client-paused","start_ns":745979719,"duration_ns":2050586622,"target":0,"group":0,"detail":55}
  ],
  "calls": [
    {"at_ns":0,"client":0,"program":"lock","word":2020143575783831481},
    {"at_ns":1122921368,"client":0,"program":"various","word":3016450421952092240}
  ]
}
)json";

TEST(regression, who_leaves_loses_nothing) {
  expect_clean(scenario_who_leaves_loses_nothing);
}

}  // namespace
}  // namespace atomix::sim
