// SPDX-License-Identifier: Apache-2.0
#include <absl/strings/str_format.h>

#include "tests/sim/report/sample_author.hpp"

namespace atomix::sim {

void sample_author::plan_calls(std::size_t client, std::uint64_t program) {
  sim_time at = (800 + 37 * client + 61 * program) * millisecond;
  while (at < whole - second) {
    planned_.push_back({at, {client, program}});
    at += chance_.between(70, 200) * millisecond;
    const bool no_leader = within(at, cut_from, new_leader);
    if (no_leader) at = new_leader + chance_.between(30, 120) * millisecond;
    if (client == 2 && within(at, cut_from - 200 * millisecond, cut_to))
      at = cut_to + 80 * millisecond;
  }
}

void sample_author::call(sim_time at, std::size_t client, std::uint64_t program) {
  const std::size_t lane = replicas + client;
  const std::size_t leader = leader_at(at);
  call_bar c;
  c.lane = lane;
  c.process = 2 * client + program;
  c.resource = program == 0 ? "r1" : "hits";
  const bool write = chance_.chance(1, 2);
  c.f = program == 0 ? (write ? "set" : "get") : (write ? "add" : "get");
  c.call = at;
  const std::string next = std::to_string(program == 0 ? value_ + 1 : count_ + 1);
  if (write) c.arguments = program == 0 ? next : "1";
  log(lane, at, "client", absl::StrCat(c.resource, " ", c.f, "(", c.arguments, ")"));
  const sim_time asked = send(lane, leader, at, absl::StrCat(c.resource, " ", c.f));
  if (asked == 0) {
    c.ret = at + 900 * millisecond;
    c.outcome = chance_.chance(1, 2) ? call_outcome::fail : call_outcome::info;
    if (chance_.chance(1, 6)) c.outcome = call_outcome::open;
    c.error = "deadline exceeded";
    record_.calls.push_back(c);
    return;
  }
  if (write) (program == 0 ? value_ : count_) += 1;
  c.result = write && program == 0 ? "" : std::to_string(program == 0 ? value_ : count_);
  const std::string what = absl::StrCat(c.resource, " ", c.f, " ", c.arguments);
  const sim_time done = write ? replicate(asked, leader, what) : asked + 3 * millisecond;
  const sim_time back = done + latency();
  record_.messages.push_back(
      {leader, lane, done, back, message_fate::arrived, absl::StrCat("reply ", c.result)});
  c.ret = back;
  c.outcome = call_outcome::ok;
  c.order = ++orders_[c.resource];
  log(lane, back, "client", absl::StrCat(c.resource, " ", c.f, " gives ", c.result));
  record_.calls.push_back(c);
}

/// Returns when it was committed.
sim_time sample_author::replicate(sim_time at, std::size_t leader, const std::string& command) {
  const std::uint64_t term = term_at(at);
  log_entry e{++index_, term, command, {}, {}};
  e.committed.resize(replicas);
  std::vector<sim_time> acks;
  for (std::size_t to = 0; to < replicas; ++to) {
    if (to == leader) continue;
    const std::string label = absl::StrCat(
        "append term=",
        term,
        " previous=",
        term,
        "/",
        index_ - 1,
        " [",
        term,
        "/",
        index_,
        " ",
        command,
        "]");
    const sim_time there = send(leader, to, at + 300 * microsecond, label);
    if (there == 0) continue;
    record_.disk.push_back(
        {to, there, there + 200 * microsecond, "write", "entry " + std::to_string(index_)});
    const sim_time saved = there + chance_.between(700, 2'500) * microsecond;
    record_.disk.push_back({to, there + 200 * microsecond, saved, "sync", ""});
    send(to, leader, saved, absl::StrCat("append-reply term=", term, " match=", index_));
    acks.push_back(saved + latency());
    e.committed[to] = saved + chance_.between(60, 100) * millisecond;
  }
  record_.disk.push_back(
      {leader, at, at + 2 * millisecond, "sync", "entry " + std::to_string(index_)});
  std::sort(acks.begin(), acks.end());
  const sim_time done = acks.size() > 1 ? acks[1] : at + 8 * millisecond;
  e.committed[leader] = done;
  for (auto& seen : e.committed) {
    if (!seen)
      seen = (within(at, dark_from, dark_to) ? dark_to : std::max(at, cut_to)) + 90 * millisecond;
  }
  record_.entries.push_back(std::move(e));
  return done;
}

/// What c3 wrote through the leader of old is replaced by the first entry of the new one.
void sample_author::lost_write(sim_time at) {
  auto first = std::find_if(record_.entries.begin(), record_.entries.end(), [](const log_entry& e) {
    return e.term == 4;
  });
  first->conflicting.resize(replicas);
  first->conflicting[0] = true;
  log_entry lost{first->index, 3, "r1 set 900001", {}, {false, true, true, true, true}};
  const std::string index = std::to_string(lost.index);
  record_.entries.insert(first, std::move(lost));
  send(7, 0, at, "r1 set");
  log(7, at, "client", "r1 set(900001)");
  log(0, at + 2 * millisecond, "raft", "appends 3/" + index + " r1 set 900001");
  call_bar c{7, 4, "r1", "set", "900001", "", at, at + 2 * second};
  c.outcome = call_outcome::info;
  c.error = "deadline exceeded";
  c.why = "Its entry was replaced by the next leader.";
  record_.calls.push_back(c);
}

void sample_author::stale_read(sim_time at) {
  std::string old = "0";
  std::string fresh = "0";
  sim_time fresh_at = 0;
  for (const call_bar& c : record_.calls) {
    if (c.resource != "r1" || c.f != "set" || c.outcome != call_outcome::ok) continue;
    if (c.ret < cut_from) old = c.arguments;
    if (c.ret < at && c.ret > fresh_at) {
      fresh = c.arguments;
      fresh_at = c.ret;
    }
  }
  const auto seconds = [](sim_time t) {
    return absl::StrFormat("%.3f s", static_cast<double>(t) / 1e9);
  };
  const sim_time asked = send(7, 0, at, "r1 get");
  const sim_time back = asked + 3 * millisecond;
  record_.messages.push_back(
      {0, 7, asked + millisecond, back, message_fate::arrived, "reply " + old});
  log(7, at, "client", "r1 get()");
  log(0, asked, "log", "answers a read from its own copy");
  log(7, back, "client", "r1 get gives " + old);
  call_bar c{7, 5, "r1", "get", "", old, at, back};
  c.outcome = call_outcome::ok;
  c.impossible = true;
  c.why = absl::StrCat(
      "set(",
      fresh,
      ") was confirmed at ",
      seconds(fresh_at),
      ", before this get() was called at ",
      seconds(at),
      ", yet it returned the older ",
      old,
      ", which nobody set again.");
  log(99, back, "log", "VIOLATION linearizability: " + c.why);
  record_.valid = false;
  record_.findings.push_back(
      {"linearizability",
       absl::StrCat("c3 read ", old, " from r1 after ", fresh, " had been written and confirmed."),
       "r1, client c3",
       back});
  record_.calls.push_back(c);
}

}  // namespace atomix::sim
