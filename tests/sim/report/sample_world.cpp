// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/report/sample_author.hpp"

namespace atomix::sim {

void sample_author::head() {
  record_.seed = 42;
  record_.title = "5 replicas, 3 clients, faults for 60 s";
  record_.command = "atomix sim --seed 42 --faults isolated-leader,power-loss,lossy,paused";
  record_.build = "release, g++ 12.2";
  record_.trace_hash = 0x9f3c'51d2'07ab'e864;
  record_.duration = whole;
  for (std::size_t i = 1; i <= replicas; ++i)
    record_.lanes.push_back({absl::StrCat("n", i), true});
  for (std::size_t i = 1; i <= clients; ++i)
    record_.lanes.push_back({absl::StrCat("c", i), false});
}

void sample_author::roles() {
  const auto span = [&](std::size_t lane, sim_time from, sim_time to, const char* role, int term) {
    record_.roles.push_back({lane, from, to, role, static_cast<std::uint64_t>(term)});
    log(lane, from, "log", absl::StrCat("now ", role, " in term ", term));
  };
  constexpr sim_time ms = millisecond;
  span(0, 0, 310 * ms, "follower", 2);
  span(0, 310 * ms, 360 * ms, "pre-candidate", 2);
  span(0, 360 * ms, 420 * ms, "candidate", 3);
  span(0, 420 * ms, cut_to + 40 * ms, "leader", 3);
  span(0, cut_to + 40 * ms, whole, "follower", 4);
  span(1, 0, 372 * ms, "follower", 2);
  span(1, 372 * ms, new_leader - 60 * ms, "follower", 3);
  span(1, new_leader - 60 * ms, pause_from, "follower", 4);
  span(1, pause_from, pause_to, "paused", 4);
  span(1, pause_to, whole, "follower", 4);
  span(2, 0, 374 * ms, "follower", 2);
  span(2, 374 * ms, 31'430 * ms, "follower", 3);
  span(2, 31'430 * ms, 31'540 * ms, "pre-candidate", 3);
  span(2, 31'540 * ms, new_leader, "candidate", 4);
  span(2, new_leader, whole, "leader", 4);
  span(3, 0, 373 * ms, "follower", 2);
  span(3, 373 * ms, dark_from, "follower", 3);
  span(3, dark_from, dark_to, "down", 3);
  span(3, dark_to, new_leader - 58 * ms, "follower", 3);
  span(3, new_leader - 58 * ms, whole, "follower", 4);
  span(4, 0, 371 * ms, "follower", 2);
  span(4, 371 * ms, new_leader - 57 * ms, "follower", 3);
  span(4, new_leader - 57 * ms, whole, "follower", 4);
  for (std::size_t to = 0; to < replicas; ++to) {
    if (to == 2) continue;
    send(2, to, 31'430 * ms, "pre-vote-request term=4 last=3/1012");
    const sim_time asked = send(2, to, 31'540 * ms, "vote-request term=4 last=3/1012");
    if (asked != 0) send(to, 2, asked + ms, "vote-reply term=4 granted");
  }
}

void sample_author::faults() {
  const auto add = [&](const char* kind,
                       sim_time from,
                       sim_time to,
                       std::vector<std::size_t> who,
                       std::string label) {
    record_.faults.push_back({kind, from, to, std::move(who), label});
    log(99, from, "FAULT", absl::StrCat(kind, " ", label));
    absl::StrAppend(
        &record_.plan,
        from / millisecond,
        " ms  ",
        kind,
        " for ",
        (to - from) / millisecond,
        " ms\n");
  };
  add("power-loss", dark_from, dark_to, {3}, "n4 loses power");
  add("isolated-leader", cut_from, cut_to, {0}, "n1 reaches no replica; c3 still reaches n1");
  add("slow-disk", 38 * second, 41 * second, {4}, "disk of n5, 200 times as slow");
  add("paused", pause_from, pause_to, {1}, "n2 stands still");
  add("lossy", lossy_from, lossy_to, {}, "8 % lost, 3 % altered, 3 % repeated");
}

void sample_author::beat(sim_time at) {
  const auto round = [&](std::size_t leader, std::uint64_t term) {
    std::uint64_t commit = 0;
    for (const log_entry& e : record_.entries) {
      if (e.term <= term && e.committed[leader] <= at) commit = e.index;
    }
    for (std::size_t to = 0; to < replicas; ++to) {
      if (to == leader) continue;
      const sim_time there =
          send(leader, to, at, absl::StrCat("append term=", term, " commit=", commit, " []"));
      if (there != 0)
        send(to, leader, there + 80 * microsecond, absl::StrCat("append-reply term=", term, " ok"));
    }
  };
  round(leader_at(at), term_at(at));
  if (within(at, new_leader, cut_to)) round(0, 3);  // it does not know yet
}

void sample_author::disk() {
  record_.disk.push_back(
      {3, dark_from, dark_from, "lost", "12 KiB of log/000003.wal were not synced"});
  record_.disk.push_back(
      {3, dark_from + millisecond, dark_from + millisecond, "torn", "page 7 of log/000003.wal"});
  record_.disk.push_back(
      {4, 39 * second, 39 * second + 400 * millisecond, "failed", "sync of log/000005.wal"});
}

void sample_author::clocks() {
  for (std::size_t lane = 0; lane < replicas; ++lane) {
    std::int64_t offset = static_cast<std::int64_t>(chance_.below(40'000'000)) - 20'000'000;
    const std::int64_t drift = static_cast<std::int64_t>(chance_.below(400'000)) - 200'000;
    for (sim_time at = 0; at < whole; at += 2 * second, offset += drift)
      record_.clocks.push_back(
          {lane, at, offset + (lane == 2 && at > 40 * second ? 25'000'000 : 0)});
  }
}

void sample_author::statistics() {
  record_.statistics = {
      {"elections", "2"},
      {"restarts", "1"},
      {"entries committed", std::to_string(index_)},
      {"events", "184211"}};
}

}  // namespace atomix::sim
