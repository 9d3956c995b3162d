// SPDX-License-Identifier: Apache-2.0
// Machines and their specifications agree on whatever is asked of them; and where a machine is
// wrong, even on every replica alike, the replay says so.
#include "sim/specification/held_machine.hpp"

#include "resources/catalog.hpp"
#include "resources/machine_registry.hpp"
#include "resources/typed_machine_host.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cstdlib>
#include <memory>
#include <string>

#include "tests/resources/drawn_commands.hpp"
#include "tests/resources/log_cuts.hpp"

namespace atomix::sim {
namespace {

// The same cases each time, unless the caller of the program wants others.
[[maybe_unused]] const int seeded = setenv("RC_PARAMS", "seed=20160301 max_success=300", 0);

template <class Machine>
held_machine made() {
  return {"it", std::make_unique<resources::typed_machine_host<Machine>>()};
}

/// What the two say of a log, over all lives of the resource.
template <class Machine>
std::string disagreement_over(const std::vector<resources::log_entry>& log) {
  held_machine both = made<Machine>();
  for (const resources::log_entry& entry : log) {
    static_cast<void>(both.run(entry.mark, entry.tasks));
    if (!both.disagreement().empty()) return both.disagreement();
    const bool ends =
        !entry.tasks.empty() && entry.tasks.back().kind == resources::task_kind::deleted;
    if (ends) both = made<Machine>();
  }
  return {};
}

template <class Machine, class Draw>
void expect_agreement(const Draw& draw) {
  RC_ASSERT(disagreement_over<Machine>(resources::draw_log(draw)).empty());
}

TEST(specification, each_type_of_the_catalog_has_one) {
  for (const std::string& type : resources::builtin_machines().type_names())
    EXPECT_NE(specify(type), nullptr) << type;
  EXPECT_EQ(specify("something of a user's"), nullptr);
}

RC_GTEST_PROP(specification, a_value_does_what_it_says, ()) {
  expect_agreement<resources::value::machine>(resources::draw_value);
}
RC_GTEST_PROP(specification, a_counter_does_what_it_says, ()) {
  expect_agreement<resources::counter::machine>(resources::draw_counter);
}
RC_GTEST_PROP(specification, a_map_does_what_it_says, ()) {
  expect_agreement<resources::map::machine>(resources::draw_map);
}
RC_GTEST_PROP(specification, a_lock_does_what_it_says, ()) {
  expect_agreement<resources::lock::machine>(resources::draw_lock);
}
RC_GTEST_PROP(specification, an_election_does_what_it_says, ()) {
  expect_agreement<resources::election::machine>(resources::draw_election);
}

// --- Machines that are wrong -----------------------------------------------------------------

using resources::commit_context;

struct hasty_counter : resources::counter::machine {
  using machine::apply;
  void apply(commit_context& c, const resources::counter::proto::CompareAndSet& op) {
    resources::counter::proto::CompareAndSet never_fails = op;
    never_fails.set_expect(op.expect() == 7 ? 0 : op.expect());
    machine::apply(c, never_fails);
  }
};

struct careless_map : resources::map::machine {
  using machine::apply;
  using machine::query;
  void apply(commit_context& c, const resources::map::proto::Put& op) {
    resources::map::proto::Put immortal = op;
    immortal.clear_ttl_ms();
    machine::apply(c, immortal);
  }
};

struct impatient_lock : resources::lock::machine {
  using machine::apply;
  void apply(commit_context& c, const resources::lock::proto::Acquire& op) {
    resources::lock::proto::Acquire short_wait = op;
    if (op.wait_forever()) short_wait.set_wait_ms(1'000);
    short_wait.set_wait_forever(false);
    machine::apply(c, short_wait);
  }
};

struct eager_lock : resources::lock::machine {
  using undo = resources::op_list<resources::lock::proto::Release>;
};

/// One command of one session at each entry, a second apart.
template <class Machine>
class story {
 public:
  template <class Command>
  story& then(std::uint64_t session, const Command& op) {
    const resources::clock_mark mark = next();
    static_cast<void>(both_.run(
        mark,
        {{resources::task_kind::command,
          mark.index,
          session_id{session},
          mark.index.value(),
          shared_bytes{resources::encode_op<typename Machine::commands>(op)}}}));
    return *this;
  }
  story& then_time_passes() {
    static_cast<void>(both_.run(next(), {}));
    return *this;
  }
  [[nodiscard]] const std::string& disagreement() const { return both_.disagreement(); }

 private:
  resources::clock_mark next() {
    now_ = later(now_, 1'000);
    index_ = index_.next();
    return {index_, now_};
  }

  held_machine both_ = made<Machine>();
  index_t index_;
  log_time now_;
};

TEST(a_wrong_machine, that_answers_wrongly_is_found) {
  story<hasty_counter> told;
  resources::counter::proto::CompareAndSet swap;
  swap.set_update(5);
  swap.set_expect(3);
  EXPECT_EQ(told.then(1, swap).disagreement(), "");
  swap.set_expect(7);
  EXPECT_EQ(
      told.then(1, swap).disagreement(),
      R"(counter it answers compare-and-set at index 2 with "\x08\x01"; its specification: "")");
}

TEST(a_wrong_machine, that_keeps_what_should_have_ended_is_found) {
  story<careless_map> told;
  resources::map::proto::Put put;
  put.set_key("k");
  put.set_ttl_ms(1'500);
  EXPECT_EQ(told.then(1, put).then_time_passes().disagreement(), "");
  EXPECT_NE(told.then_time_passes().disagreement(), "");
}

TEST(a_wrong_machine, that_ends_what_should_have_stayed_is_found) {
  story<impatient_lock> told;
  resources::lock::proto::Acquire acquire;
  acquire.set_wait_forever(true);
  EXPECT_EQ(told.then(1, acquire).then(2, acquire).disagreement(), "");
  EXPECT_EQ(
      told.then_time_passes().disagreement(),
      R"(lock it publishes "\x01\x08\x02" to 2 at index 3; its specification: none)");
}

TEST(a_wrong_machine, that_is_made_to_take_something_back_is_found) {
  held_machine both = made<eager_lock>();
  const auto encoded = [](const auto& op) {
    return resources::encode_op<resources::lock::machine::commands>(op);
  };
  EXPECT_TRUE(both.takes_back(encoded(resources::lock::proto::Release{})));
  EXPECT_FALSE(both.takes_back(encoded(resources::lock::proto::Acquire{})));
  EXPECT_EQ(both.disagreement(), "");
  EXPECT_FALSE(both.takes_back(encoded(resources::lock::proto::Withdraw{})));
  EXPECT_NE(both.disagreement(), "");
}

}  // namespace
}  // namespace atomix::sim
