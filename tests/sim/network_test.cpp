// SPDX-License-Identifier: Apache-2.0
#include "sim/network.hpp"

#include <absl/strings/str_cat.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace atomix::sim {
namespace {

/// Writes down what it hears.
struct recorder final : net::connection_handler {
  std::vector<net::connection_id> open;
  std::vector<std::string> payloads;
  std::vector<absl::Status> ends;
  std::size_t reads = 0;

  void opened(net::connection_id connection, const std::string&) override {
    open.push_back(connection);
  }
  void received(net::connection_id, std::vector<net::frame> frames) override {
    ++reads;
    for (const net::frame& f : frames)
      payloads.emplace_back(f.payload.view());
  }
  void closed(net::connection_id, const absl::Status& why) override { ends.push_back(why); }
};

std::string frame_of(const std::string& payload) {
  std::string bytes;
  net::append_frame(bytes, net::frame_type::requests, payload);
  return bytes;
}

struct network_test : testing::Test {
  world at{42};
  findings found{at};
  network wires{at, found};
  host_id a = wires.paths().add_host("a");
  host_id b = wires.paths().add_host("b");
  process_id process_a = at.add_process("a");
  process_id process_b = at.add_process("b");
  std::unique_ptr<endpoint> end_a = wires.attach(a, process_a);
  std::unique_ptr<endpoint> end_b = wires.attach(b, process_b);
  recorder hears_a;
  recorder hears_b;
  net::connection_id line;

  void connect() {
    ASSERT_TRUE(end_b->listen({"b", 1}, hears_b).ok());
    line = end_a->dial({"b", 1}, hears_a);
    run(100 * millisecond);
    ASSERT_EQ(hears_a.open.size(), 1U);
    ASSERT_EQ(hears_b.open.size(), 1U);
  }
  void send(int from, int to) {
    for (int i = from; i < to; ++i)
      end_a->send(line, frame_of(absl::StrCat(i)));
  }
  void run(sim_duration time) { at.run_until(at.now() + time); }
  /// For so long nobody is there, and nobody says so.
  void lose_power_at_b(sim_duration time) {
    end_b->detach_now(false);
    wires.paths().set_power(b, false);
    run(time);
    EXPECT_TRUE(hears_a.ends.empty());
  }
  void block_both() {
    wires.paths().block(a, b);
    wires.paths().block(b, a);
  }
};

TEST_F(network_test, what_is_sent_at_one_moment_arrives_whole_and_in_order) {
  connect();
  std::vector<std::string> expected;
  for (int i = 0; i < 100; ++i) {
    end_a->send(line, frame_of(absl::StrCat(i)));
    expected.push_back(absl::StrCat(i));
    if (i % 3 == 0) run(10 * microsecond);
  }
  EXPECT_TRUE(hears_b.payloads.size() < 100);
  run(1 * second);
  EXPECT_EQ(hears_b.payloads, expected);
  EXPECT_LT(hears_b.reads, 60U) << "frames of one moment come in one read";
}

TEST_F(network_test, nothing_is_heard_from_inside_a_call) {
  connect();
  send(0, 1);
  static_cast<void>(end_a->dial({"b", 1}, hears_a));
  end_a->close(line);
  EXPECT_TRUE(hears_b.payloads.empty());
  EXPECT_EQ(hears_a.open.size(), 1U);
  EXPECT_TRUE(hears_b.ends.empty());
}

TEST_F(network_test, closing_lets_what_was_sent_arrive_first) {
  connect();
  send(0, 10);
  end_a->close(line);
  run(1 * second);
  EXPECT_EQ(hears_b.payloads.size(), 10U);
  ASSERT_EQ(hears_b.ends.size(), 1U);
  EXPECT_EQ(hears_b.ends[0].code(), absl::StatusCode::kUnavailable);
  EXPECT_TRUE(hears_a.ends.empty()) << "who closes hears no more of it";
}

TEST_F(network_test, what_is_sent_while_dialling_waits_until_the_connection_is_open) {
  ASSERT_TRUE(end_b->listen({"b", 1}, hears_b).ok());
  line = end_a->dial({"b", 1}, hears_a);
  send(0, 3);
  EXPECT_TRUE(hears_b.payloads.empty());
  run(1 * second);
  EXPECT_EQ(hears_b.payloads, (std::vector<std::string>{"0", "1", "2"}));
}

TEST_F(network_test, dialling_where_nobody_listens_is_refused) {
  static_cast<void>(end_a->dial({"b", 9}, hears_a));
  static_cast<void>(end_a->dial({"nowhere", 1}, hears_a));
  run(1 * second);
  ASSERT_EQ(hears_a.ends.size(), 2U);
  EXPECT_EQ(hears_a.ends[0].code(), absl::StatusCode::kUnavailable);
}

TEST_F(network_test, dialling_across_a_partition_takes_a_second_to_fail) {
  ASSERT_TRUE(end_b->listen({"b", 1}, hears_b).ok());
  wires.paths().block(b, a);
  static_cast<void>(end_a->dial({"b", 1}, hears_a));
  run(900 * millisecond);
  EXPECT_TRUE(hears_a.ends.empty());
  run(200 * millisecond);
  ASSERT_EQ(hears_a.ends.size(), 1U);
  EXPECT_EQ(hears_a.ends[0].code(), absl::StatusCode::kDeadlineExceeded);
}

TEST_F(network_test, a_port_is_listened_on_once) {
  ASSERT_TRUE(end_b->listen({"b", 1}, hears_b).ok());
  EXPECT_EQ(end_b->listen({"b", 1}, hears_b).status().code(), absl::StatusCode::kAlreadyExists);
  EXPECT_NE(end_b->listen({"b", 0}, hears_b)->port, 0);
}

TEST_F(network_test, a_one_way_partition_swallows_one_direction_only) {
  connect();
  wires.paths().block(a, b);
  send(0, 5);
  end_b->send(hears_b.open[0], frame_of("hello"));
  run(500 * millisecond);
  EXPECT_TRUE(hears_b.payloads.empty());
  EXPECT_EQ(hears_a.payloads, std::vector<std::string>{"hello"});
}

TEST_F(network_test, some_connections_die_of_a_partition_and_some_stay) {
  ASSERT_TRUE(end_b->listen({"b", 1}, hears_b).ok());
  std::vector<net::connection_id> lines;
  for (int i = 0; i < 40; ++i)
    lines.push_back(end_a->dial({"b", 1}, hears_a));
  run(100 * millisecond);
  block_both();
  for (const auto each : lines)
    end_a->send(each, frame_of("x"));
  run(900 * millisecond);
  EXPECT_TRUE(hears_a.ends.empty());
  run(4 * second);
  EXPECT_GT(hears_a.ends.size(), 5U);
  EXPECT_LT(hears_a.ends.size(), 35U);
}

TEST_F(network_test, the_kernel_of_a_killed_process_resets_its_connections) {
  connect();
  end_b->detach_now(true);
  run(100 * millisecond);
  ASSERT_EQ(hears_a.ends.size(), 1U);
  EXPECT_TRUE(hears_b.ends.empty()) << "the dead hear nothing";
}

TEST_F(network_test, a_power_loss_is_noticed_only_by_sending_after_the_return) {
  connect();
  lose_power_at_b(9 * second);
  wires.paths().set_power(b, true);
  send(0, 1);
  run(100 * millisecond);
  EXPECT_EQ(hears_a.ends.size(), 1U);
}

TEST_F(network_test, or_by_the_keep_alive_of_the_kernel) {
  connect();
  lose_power_at_b(9 * second);
  wires.paths().set_power(b, true);
  run(2 * second);
  EXPECT_EQ(hears_a.ends.size(), 1U);
}

TEST_F(network_test, nobody_waits_for_ever_for_a_machine_that_does_not_return) {
  connect();
  lose_power_at_b(12 * second);
  run(2 * second);
  EXPECT_EQ(hears_a.ends.size(), 1U);
}

TEST_F(network_test, two_are_linked_from_a_greeting_until_one_end_is_gone) {
  connect();
  std::string hello;
  net::append_frame(hello, net::frame_type::peer_hello, "ada");
  EXPECT_FALSE(wires.are_linked(a, b, at.now())) << "nobody said who he is";
  end_a->send(line, hello);
  const sim_time before = at.now();
  run(1 * second);
  EXPECT_FALSE(wires.are_linked(a, b, before));
  EXPECT_TRUE(wires.are_linked(a, b, at.now()));
  EXPECT_FALSE(wires.are_linked(b, a, at.now())) << "it was a that dialled";
  wires.open_half(a, 0);
  run(1 * millisecond);
  EXPECT_FALSE(wires.are_linked(a, b, at.now()));
}

TEST_F(network_test, a_paused_process_hears_everything_later) {
  connect();
  at.pause(process_b);
  send(0, 5);
  run(10 * second);
  EXPECT_TRUE(hears_b.payloads.empty());
  at.unpause(process_b);
  run(0);
  EXPECT_EQ(hears_b.payloads.size(), 5U);
}

TEST_F(network_test, frames_are_lost_repeated_and_reordered_but_never_altered) {
  connect();
  link_quality bad;
  bad.lost_ppm = 100'000;
  bad.repeated_ppm = 100'000;
  bad.reordered_ppm = 200'000;
  wires.paths().set_quality(a, b, bad);
  for (int i = 0; i < 1'000; ++i) {
    send(i, i + 1);
    run(100 * microsecond);
  }
  run(1 * second);
  std::map<int, int> times;
  bool overtaken = false;
  int before = -1;
  for (const std::string& payload : hears_b.payloads) {
    const int number = std::stoi(payload);
    ++times[number];
    overtaken = overtaken || number < before;
    before = number;
  }
  const auto missing = 1'000 - static_cast<int>(times.size());
  EXPECT_GT(missing, 30);
  EXPECT_LT(missing, 200);
  EXPECT_TRUE(overtaken);
  EXPECT_GT(wires.counts().frames_repeated, 50U);
  EXPECT_TRUE(hears_b.ends.empty());
}

TEST_F(network_test, a_flipped_bit_ends_the_connection_at_both_ends) {
  connect();
  link_quality bad;
  bad.corrupt_ppm = 1'000'000;
  wires.paths().set_quality(a, b, bad);
  send(0, 1);
  run(100 * millisecond);
  EXPECT_TRUE(hears_b.payloads.empty());
  ASSERT_EQ(hears_b.ends.size(), 1U);
  EXPECT_EQ(hears_a.ends.size(), 1U);
  EXPECT_TRUE(found.empty());
}

TEST_F(network_test, bytes_that_nothing_altered_and_nobody_understands_are_a_finding) {
  connect();
  std::string wrong = frame_of("some");
  wrong.back() = '!';
  end_a->send(line, wrong);
  run(100 * millisecond);
  ASSERT_EQ(found.all().size(), 1U);
  EXPECT_EQ(found.all()[0].property, "framing");
  EXPECT_EQ(found.all()[0].where, "b");
}

}  // namespace
}  // namespace atomix::sim
