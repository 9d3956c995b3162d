// SPDX-License-Identifier: Apache-2.0
/// \file The law that every machine obeys: replicas that cut the log into different batches give
/// equal replies and events, and are equal.
#pragma once

#include "resources/typed_machine_host.hpp"

#include <absl/strings/str_cat.h>
#include <rapidcheck.h>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace atomix::resources {

struct log_entry {
  clock_mark mark;
  std::vector<task> tasks;
};

/// What a replica shows of itself.
struct run_record {
  std::vector<std::string> replies;
  std::vector<std::string> events;
  std::vector<std::uint64_t> hashes;  ///< at the end of each life of the resource
  friend bool operator==(const run_record&, const run_record&) = default;
};

/// Commands as `draw_command` makes them (encoded, or of an enemy), ends of one session or of two
/// at one entry, deletions, and time.
template <class Draw>
std::vector<log_entry> draw_log(const Draw& draw_command) {
  std::vector<log_entry> log(*rc::gen::inRange<std::size_t>(1, 60));
  log_time now{100};
  index_t index{10};
  const auto any_session = [] {
    return session_id{*rc::gen::inRange<std::uint64_t>(1, 6)};
  };
  for (log_entry& entry : log) {
    now = later(now, *rc::gen::inRange<std::uint64_t>(0, 8));
    index = index.next();
    entry.mark = {index, now};
    const int kind = *rc::gen::inRange(0, 20);
    const auto closing = [&] {
      entry.tasks.push_back({task_kind::session_closed, index, any_session(), 0, {}});
    };
    if (kind < 3) closing();
    if (kind == 0) closing();
    if (kind == 3) entry.tasks.push_back({task_kind::deleted, index, {}, 0, {}});
    if (kind == 2 || kind > 5)
      entry.tasks.push_back(
          {task_kind::command, index, any_session(), index.value(), shared_bytes{draw_command()}});
  }
  return log;
}

/// A replica that keeps one resource, under one name, whatever its lives.
template <class M>
class cutting_replica {
 public:
  /// Runs `log`, cut after the entries where `cut` says so.
  run_record run(const std::vector<log_entry>& log, const std::vector<bool>& cut) {
    for (std::size_t i = 0; i < log.size(); ++i) {
      clock_.push_back(log[i].mark);
      for (const task& next : log[i].tasks) {
        tasks_.push_back(next);
        // Time ends for the resource here, but goes on for the others in this batch.
        if (next.kind == task_kind::deleted) run_batch(), end_life();
      }
      if (!cut[i] && i + 1 < log.size()) continue;
      run_batch();
      clock_.clear();
    }
    end_life();
    return std::move(record_);
  }

 private:
  void run_batch() {
    const batch_results results = host_->run(
        {std::make_shared<const std::vector<clock_mark>>(clock_), std::exchange(tasks_, {})});
    for (const task_reply& r : results.replies)
      record_.replies.push_back(
          absl::StrCat(r.index.value(), ":", static_cast<int>(r.code), ":", r.result));
    for (const task_event& e : results.events)
      record_.events.push_back(absl::StrCat(e.index.value(), ">", e.to.value(), ":", e.event));
  }
  void end_life() {
    record_.hashes.push_back(host_->state_hash());
    host_ = std::make_unique<typed_machine_host<M>>();
  }

  std::unique_ptr<machine_host> host_ = std::make_unique<typed_machine_host<M>>();
  std::vector<clock_mark> clock_;
  std::vector<task> tasks_;
  run_record record_;
};

template <class M, class Draw>
void check_cuts(const Draw& draw_command) {
  const std::vector<log_entry> log = draw_log(draw_command);
  const auto cut = *rc::gen::container<std::vector<bool>>(log.size(), rc::gen::arbitrary<bool>());
  const auto run_cut = [&](const std::vector<bool>& where) {
    return cutting_replica<M>{}.run(log, where);
  };
  const run_record whole = run_cut(std::vector<bool>(log.size(), false));
  RC_ASSERT(run_cut(cut) == whole);
  RC_ASSERT(run_cut(std::vector<bool>(log.size(), true)) == whole);
}

}  // namespace atomix::resources
