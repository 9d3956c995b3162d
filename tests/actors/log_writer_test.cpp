// SPDX-License-Identifier: Apache-2.0
// The log writer alone: what it tells the node, save by save and load by load.
#include "actors/log_writer.hpp"

#include "sim/process.hpp"

#include <gtest/gtest.h>

#include <deque>
#include <string>
#include <utility>
#include <vector>

#include "tests/actors/hearing_node.hpp"

namespace atomix::actors {
namespace {

/// Work waits until the test lets it go.
class patient_disk final : public disk_worker {
 public:
  void run(disk_lane lane, std::function<void()> work, std::function<void()> done) override {
    if (lane == disk_lane::log) return jobs_.push_back({std::move(work), std::move(done)});
    work();
    done();
  }
  void carry_out_one() {
    ASSERT_FALSE(jobs_.empty());
    const auto job = std::exchange(jobs_.front(), {});
    jobs_.pop_front();
    job.first();
    job.second();
  }

 private:
  std::deque<std::pair<std::function<void()>, std::function<void()>>> jobs_;
};

class unreadable_log final : public raft::log {
 public:
  absl::Status append(absl::Span<const raft::save_batch> batches) override {
    writes.push_back(batches.size());
    return outcome;
  }
  absl::StatusOr<std::vector<raft::entry>> read(index_t, std::size_t) override {
    return absl::DataLossError("bad sector");
  }
  absl::Status prepare() override {
    ++times_prepared;
    return absl::OkStatus();
  }

  int times_prepared = 0;
  std::vector<std::size_t> writes;  // of how many saves each
  absl::Status outcome;
};

struct log_writer_test : testing::Test {
  sim::world at{1};
  sim::process life{at, "n1", sim::local_clock{}};
  patient_disk disk;
  std::shared_ptr<unreadable_log> log = std::make_shared<unreadable_log>();
  words heard;
  log_writer_actor subject;

  log_writer_test() {
    subject = life.system().spawn(log_writer, &disk, log, std::uint64_t{1'000});
    colleagues others;
    others.node = life.system().spawn(hearing_node, &heard);
    tell(std::move(others));
  }
  ~log_writer_test() override {
    life.kill();
    subject = nullptr;
  }

  template <class Message>
  void tell(Message message) {
    caf::anon_send(subject, std::move(message));
    settle();
  }
  void settle() { at.run_until(at.now() + 1 * sim::millisecond); }
  void entry(std::uint64_t index) {
    save_order order;
    order.batch.entries.push_back({{term_t{1}, index_t{index}}, raft::entry_kind::command, {}, {}});
    tell(std::move(order));
  }
  void vote() {
    save_order order;
    order.batch.state_changed = true;
    tell(std::move(order));
  }
  void promise() { tell(save_order{}); }
  void write_ends() {
    disk.carry_out_one();
    settle();
  }
};

TEST_F(log_writer_test, what_came_during_a_write_is_written_together) {
  entry(1);
  entry(2);
  entry(3);
  write_ends();
  write_ends();
  EXPECT_EQ(heard, (words{"1 saved, last 1/1", "2 saved, last 1/3"}));
  EXPECT_EQ(log->writes, (std::vector<std::size_t>{1, 2}));
}

// A node that is told of less would not count its own entries until the next one is written.
TEST_F(log_writer_test, a_write_vouches_for_its_last_entry_whatever_comes_behind_it) {
  entry(1);
  entry(2);
  vote();
  promise();
  write_ends();
  write_ends();
  EXPECT_EQ(heard, (words{"1 saved, last 1/1", "3 saved, last 1/2"}));
}

TEST_F(log_writer_test, promises_wait_for_what_came_before_them_and_need_no_write) {
  entry(1);
  promise();
  EXPECT_EQ(heard, words{});
  write_ends();
  EXPECT_EQ(heard, (words{"1 saved, last 1/1", "1 saved, last 0/0"}));
  EXPECT_EQ(log->writes, (std::vector<std::size_t>{1}));
}

TEST_F(log_writer_test, after_a_failed_write_nothing_is_written_or_promised) {
  log->outcome = absl::UnavailableError("no sync");
  entry(1);
  promise();
  write_ends();
  log->outcome = absl::OkStatus();
  entry(2);
  EXPECT_EQ(heard, words{"no sync"});
  EXPECT_EQ(log->writes.size(), 1U);
}

TEST_F(log_writer_test, the_log_is_filled_ahead_at_first_and_once_in_its_distance) {
  EXPECT_EQ(log->times_prepared, 1);
  const auto large = [&](std::uint64_t index) {
    save_order order;
    order.batch.entries.push_back(
        {{term_t{1}, index_t{index}},
         raft::entry_kind::command,
         {},
         shared_bytes{std::string(500, 'x')}});
    tell(std::move(order));
    write_ends();
  };
  large(1);
  EXPECT_EQ(log->times_prepared, 1);
  large(2);
  EXPECT_EQ(log->times_prepared, 2);
  large(3);
  EXPECT_EQ(log->times_prepared, 2);
}

// A follower would wait for these entries for the rest of the term.
TEST_F(log_writer_test, entries_that_cannot_be_read_end_the_node) {
  tell(load_order{{node_id{2}, index_t{1}, 100}});
  EXPECT_EQ(heard, words{"bad sector"});
}

}  // namespace
}  // namespace atomix::actors
