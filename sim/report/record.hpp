// SPDX-License-Identifier: Apache-2.0
/// \file What is known about one simulated run, as plain data: the simulator fills it in while it
/// runs, the report is a function of it. Nothing here knows how it will be drawn.
#pragma once

#include "sim/time.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace atomix::sim {

enum class message_fate : std::uint8_t {
  arrived,
  swallowed,  ///< by a partition, or by a machine without power
  lost,
  corrupted,  ///< altered on the way; the receiver's check noticed
  repeated,   ///< arrived, and was not the first copy
  unread,     ///< the receiver was gone
};

/// What the caller may conclude.
enum class call_outcome : std::uint8_t {
  ok,
  fail,  ///< had no effect
  info,  ///< ended without an answer: may have had an effect, or may still have it
  open,  ///< never returned
};

/// A replica or a client. Others refer to it by its position in `run_record::lanes`.
struct lane {
  std::string name;  ///< "n1", "c2"
  bool replica = true;
};

/// What a replica was during [from, to).
struct role_span {
  std::size_t lane = 0;
  sim_time from = 0;
  sim_time to = 0;
  std::string role;  ///< leader, candidate, pre-candidate, follower, down or paused
  std::uint64_t term = 0;
};

struct message_arrow {
  std::size_t from = 0;  ///< lane
  std::size_t to = 0;    ///< lane
  sim_time sent = 0;
  sim_time arrived = 0;  ///< if it did not arrive: when it was dropped, or 0
  message_fate fate = message_fate::arrived;
  std::string label;
};

struct disk_mark {
  std::size_t lane = 0;
  sim_time from = 0;
  sim_time to = 0;
  std::string what;  ///< write, sync, failed, lost or torn
  std::string label;
};

struct fault_band {
  std::string kind;
  sim_time from = 0;
  sim_time to = 0;
  std::vector<std::size_t> lanes;  ///< whom it concerns; empty: everybody
  std::string label;
};

/// How far a lane's clock is from virtual time, from this moment to its next point.
struct clock_point {
  std::size_t lane = 0;
  sim_time at = 0;
  std::int64_t offset_ns = 0;
};

/// One operation of a client, from call to return.
struct call_bar {
  std::size_t lane = 0;
  std::uint64_t process = 0;  ///< logical thread: has one call at a time
  std::string resource;       ///< the object: "register 1", "map key 2/0"
  std::string f;
  std::string arguments;  ///< EDN; empty: none
  std::string result;     ///< EDN; empty: nothing but that it happened
  sim_time call = 0;
  sim_time ret = 0;  ///< means nothing for `open`
  call_outcome outcome = call_outcome::open;
  std::optional<std::uint64_t> order = {};  ///< place in the linearization of its resource
  bool impossible = false;                  ///< no order of calls explains this one
  std::string why = {};                     ///< one sentence about that
  std::string error = {};                   ///< what the caller was told if not ok
  std::string model = {};  ///< by which `resource` is checked; empty: says nothing about it
  std::uint64_t call_position = 0;  ///< among all calls and returns; 0: as the times say
  std::uint64_t ret_position = 0;
  std::uint64_t log_index = 0;  ///< as the caller was told; 0: was not
  bool implied = false;  ///< nobody called: what the end of a session does. In the history only
};

struct log_line {
  std::size_t lane = 0;  ///< beyond the last lane: the world
  sim_time at = 0;
  std::string kind;
  std::string text;
};

/// An entry of the replicated log. Entries of different terms at one index are rows of their own.
struct log_entry {
  std::uint64_t index = 0;
  std::uint64_t term = 0;
  std::string text;
  std::vector<std::optional<sim_time>> committed;  ///< by lane: since when; may be short
  std::vector<bool> conflicting;  ///< by lane: it held something else at this index; may be short
};

struct finding {
  std::string check;     ///< short and stable: "election safety"
  std::string sentence;  ///< what was seen, for somebody who does not know the code
  std::string where;     ///< node, client or resource
  sim_time at = 0;
};

struct run_record {
  std::uint64_t seed = 0;
  std::string title;
  std::string command;  ///< repeats the run
  std::string build;
  std::uint64_t trace_hash = 0;
  bool valid = true;
  sim_duration duration = 0;
  std::vector<finding> findings;
  std::vector<lane> lanes;  ///< replicas first
  std::vector<role_span> roles;
  std::vector<message_arrow> messages;
  std::vector<disk_mark> disk;
  std::vector<fault_band> faults;
  std::vector<clock_point> clocks;
  std::vector<call_bar> calls;
  std::vector<log_line> log;
  std::vector<log_entry> entries;
  std::string plan;                               ///< text
  std::map<std::string, std::string> statistics;  ///< name to value, both as they are shown
  std::string planted;                            ///< the bug that was planted, in a sentence
  std::string repro;                              ///< JSON, may be empty
  std::string repro_size;                         ///< "3 replicas, 1 client, 2 faults"
  std::string repro_report;               ///< relative path of the report of the repro, if any
  std::vector<std::string> left_out;      ///< what was too much to keep: "the first 90 messages"
  std::size_t calls_in_history_only = 0;  ///< so many of the first calls are not in the picture
};

}  // namespace atomix::sim
