// SPDX-License-Identifier: Apache-2.0
// The machine of counters, entry by entry.
#include "resources/counter/machine.hpp"

#include <limits>

#include "tests/resources/machine_fixture.hpp"

namespace atomix::resources::counter {
namespace {

constexpr std::int64_t lowest = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t highest = std::numeric_limits<std::int64_t>::max();

class counter_machine : public testing::Test {
 protected:
  using moved = std::pair<std::int64_t, std::int64_t>;  // before, after

  moved add(std::int64_t delta) {
    proto::Add op;
    op.set_delta(delta);
    return moved_of(run.ask<proto::Moved>(1, op));
  }
  moved set(std::int64_t value) {
    proto::Set op;
    op.set_value(value);
    return moved_of(run.ask<proto::Moved>(1, op));
  }
  bool swap(std::int64_t expect, std::int64_t update) {
    proto::CompareAndSet op;
    op.set_expect(expect);
    op.set_update(update);
    return run.ask<proto::Swapped>(1, op).swapped();
  }
  std::int64_t get() { return run.look<proto::Current>(1, proto::Get{}).value(); }
  static moved moved_of(const proto::Moved& reply) { return {reply.before(), reply.after()}; }

  machine_fixture<machine> run;
};

TEST_F(counter_machine, starts_at_zero_and_adds) {
  EXPECT_EQ(get(), 0);
  EXPECT_EQ(add(1), (moved{0, 1}));
  EXPECT_EQ(add(41), (moved{1, 42}));
  EXPECT_EQ(add(-50), (moved{42, -8}));
  EXPECT_EQ(add(0), (moved{-8, -8}));
  EXPECT_EQ(get(), -8);
}

TEST_F(counter_machine, sets_and_tells_what_was) {
  EXPECT_EQ(set(lowest), (moved{0, lowest}));
  EXPECT_EQ(set(7), (moved{lowest, 7}));
}

TEST_F(counter_machine, compares_and_sets) {
  EXPECT_TRUE(swap(0, 5));
  EXPECT_FALSE(swap(0, 6));
  EXPECT_EQ(get(), 5);
}

TEST_F(counter_machine, wraps_around_at_both_ends) {
  set(highest);
  EXPECT_EQ(add(1), (moved{highest, lowest}));
  EXPECT_EQ(add(-1), (moved{lowest, highest}));
  EXPECT_EQ(add(lowest), (moved{highest, -1}));
}

TEST_F(counter_machine, listeners_hear_every_write_until_they_end) {
  using heard = std::vector<std::int64_t>;
  const auto hear = [&](std::uint64_t session) {
    heard values;
    for (const auto& e : run.take<proto::Changed>(session)) {
      values.push_back(e.old_value());
      values.push_back(e.new_value());
    }
    return values;
  };
  run.command(2, proto::Listen{});
  run.command(3, proto::Listen{});
  add(2);
  set(9);
  EXPECT_FALSE(swap(1, 1));
  EXPECT_TRUE(swap(9, 4));
  EXPECT_EQ(hear(2), (heard{0, 2, 2, 9, 9, 4}));
  run.close(2);
  run.command(3, proto::Unlisten{});
  EXPECT_EQ(hear(3).size(), 6U);
  EXPECT_EQ(add(1), (moved{4, 5}));
  EXPECT_EQ(hear(2), heard{});
  EXPECT_EQ(hear(3), heard{});
}

}  // namespace
}  // namespace atomix::resources::counter
