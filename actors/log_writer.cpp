// SPDX-License-Identifier: Apache-2.0
#include "actors/log_writer.hpp"

#include "raft/base/planted.hpp"
#include "raft/base/probe.hpp"

#include <utility>

namespace atomix::actors {
namespace {

using self_pointer = log_writer_actor::stateful_pointer<log_writer_state>;

std::size_t bytes_of(const raft::save_batch& batch) {
  std::size_t sum = 0;
  for (const auto& e : batch.entries)
    sum += e.data.size() + 64;
  return sum;
}

raft::entry_id last_of(const std::vector<raft::save_batch>& batches) {
  for (auto i = batches.rbegin(); i != batches.rend(); ++i)
    if (!i->entries.empty()) return i->entries.back().id;
  return {};
}

void prepare_ahead(self_pointer self) {
  auto& s = self->state;
  if (s.preparing || s.bytes_since_prepare < s.prepare_distance) return;
  s.preparing = true;
  s.bytes_since_prepare = 0;
  auto result = std::make_shared<absl::Status>();
  s.disk->run(
      disk_lane::background,
      [log = s.log, result] { *result = log->prepare(); },
      [me = log_writer_actor{self}, result] { caf::anon_send(me, prepare_done{*result}); });
}

void start_write(self_pointer self) {
  auto& s = self->state;
  if (s.writing || s.failed || s.waiting.empty()) return;
  s.writing = true;
  struct writing {
    std::vector<raft::save_batch> batches;
    write_done done;
  };
  auto now = std::make_shared<writing>();
  now->batches = std::exchange(s.waiting, {});
  now->done.orders = now->batches.size();
  now->done.last = last_of(now->batches);
  if (now->done.orders > 1) sometimes(probe::orders_written_together);
  for (const auto& b : now->batches)
    s.bytes_since_prepare += bytes_of(b);
  // An order without content only waits for those before it: no write, but still its turn.
  std::erase_if(now->batches, [](const auto& b) { return b.empty(); });
  if (now->batches.empty()) {
    sometimes(probe::promise_without_save);
    self->send(log_writer_actor{self}, std::move(now->done));
    return;
  }
  s.disk->run(
      disk_lane::log,
      [log = s.log, now] { now->done.result = log->append(now->batches); },
      [me = log_writer_actor{self}, now] { caf::anon_send(me, std::move(now->done)); });
  prepare_ahead(self);
}

void finish_write(self_pointer self, const write_done& done) {
  auto& s = self->state;
  s.writing = false;
  if (!done.result.ok() && !planted(bug::failed_sync_ignored)) {
    // After a failed sync the page cache lies: nothing may be promised or retried.
    sometimes(probe::log_fails);
    s.failed = true;
    self->send(s.others.node, log_failed{done.result});
    return;
  }
  self->send(s.others.node, log_saved{done.orders, done.last});
  start_write(self);
}

void load(self_pointer self, const raft::load_request& what) {
  auto& s = self->state;
  auto result =
      std::make_shared<absl::StatusOr<std::vector<raft::entry>>>(std::vector<raft::entry>{});
  s.disk->run(
      disk_lane::background,
      [log = s.log, result, what] { *result = log->read(what.from, what.bytes_max); },
      [node = s.others.node, result, peer = what.peer] {
        if (result->ok()) {
          caf::anon_send(node, log_loaded{raft::loaded{peer, std::move(**result)}});
        } else {
          caf::anon_send(node, log_failed{result->status()});
        }
      });
}

}  // namespace

log_writer_actor::behavior_type log_writer(
    self_pointer self,
    disk_worker* disk,
    std::shared_ptr<raft::log> log,
    std::uint64_t prepare_distance) {
  self->state.disk = disk;
  self->state.log = std::move(log);
  self->state.prepare_distance = prepare_distance;
  self->state.bytes_since_prepare = prepare_distance;
  return {
      [=](const write_done& done) { finish_write(self, done); },
      [=](save_order& order) {
        self->state.waiting.push_back(std::move(order.batch));
        start_write(self);
      },
      [=](colleagues& others) {
        self->state.others = std::move(others);
        prepare_ahead(self);
      },
      [=](const load_order& order) { load(self, order.what); },
      [=](const prepare_done& done) {
        self->state.preparing = false;
        // The log is usable until its segment is full; the next append says so if it matters.
        if (!done.result.ok()) self->state.bytes_since_prepare = 0;
      },
  };
}

}  // namespace atomix::actors
