// SPDX-License-Identifier: Apache-2.0
// Resources and clients of users that are wrong, each in a way that people get wrong: found, made
// small, shown again.
#include "resources/counter/counter.hpp"
#include "resources/map/machine.hpp"
#include "resources/map/map.hpp"

#include <absl/strings/match.h>
#include <gtest/gtest.h>

#include <stdexcept>

#include "tests/sim/testing/bank_program.hpp"

namespace bank {
namespace {

namespace checker = atomix::checker;

simulated::options seeds(std::size_t count) {
  simulated::options how;
  how.runs = count;
  how.time = std::chrono::seconds{10};
  how.directory = testing::TempDir();
  return how;
}

/// What every failure must come with.
void expect_replayable(const simulated::experiment_maker& what, const simulated::result& r) {
  ASSERT_FALSE(r.ok());
  ASSERT_TRUE(r.smallest.has_value()) << r;
  EXPECT_EQ(r.shown->claim, r.found->claim);
  const auto again = simulated::replay(what, r.repro);
  ASSERT_FALSE(again.ok());
  EXPECT_EQ(again.found->claim, r.found->claim);
  EXPECT_EQ(again.found->sentence, r.shown->sentence);
  const std::string text = r.text();
  EXPECT_NE(text.find("ATOMIX_SEED=" + std::to_string(r.seed)), std::string::npos) << text;
  EXPECT_NE(text.find("ATOMIX_REPLAY=" + r.repro_file), std::string::npos) << text;
}

std::size_t lines_of(const simulated::plan& p) {
  const std::string text = p.to_string();
  return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

/// Any machine like the bank's, but wrong in one thing.
class like_a_bank : public machine {
 public:
  using machine::apply;
  using machine::query;
};

/// Does not look whether there is enough.
class generous : public like_a_bank {
 public:
  using like_a_bank::apply;
  void apply(commit_context& c, const proto::Transfer& op) {
    proto::Deposit in;
    in.set_account(op.from());
    in.set_cents(-op.cents());
    apply(c, in);
  }
};

/// Remembers balances that it was asked for, and does not forget them when they change. What it
/// remembers is not replicated: each replica has been asked for something else.
class with_a_cache : public machine {
 public:
  using machine::query;
  void query(query_context& c, const proto::Total&) const {
    if (!cached_) cached_ = total();
    proto::Cents reply;
    reply.set_cents(*cached_);
    c.reply(reply);
  }

 private:
  mutable std::optional<std::int64_t> cached_;
};

/// Pays interest by a counter that all replicas of this process share: never the same twice.
class by_chance : public machine {
 public:
  using machine::apply;
  void apply(commit_context& c, const proto::Deposit& op) {
    static std::int64_t coin = 0;
    proto::Deposit in = op;
    in.set_cents(op.cents() + ++coin % 2);
    machine::apply(c, in);
  }
};

simulated::experiment with_generous() {
  simulated::experiment e;
  e.invariant<generous>("nobody owes the bank", nobody_owes<generous>)
      .program("transfer", transfer);
  return e;
}

TEST(bug, an_invariant_of_the_machine_is_broken) {
  const auto r = simulated::check(with_generous, seeds(5));
  expect_replayable(with_generous, r);
  EXPECT_EQ(r.found->claim, "nobody owes the bank");
  // One call on one replica shows it: the head line and that call.
  EXPECT_EQ(lines_of(*r.smallest), 2U) << *r.smallest;
}

simulated::experiment with_cache() {
  simulated::experiment e = experiment_with<with_a_cache>();
  e.program("look", [](simulated::client& c) -> simulated::task<> {
    static_cast<void>(co_await c.get<handle>("savings").total());
  });
  return e;
}

TEST(bug, a_cache_inside_of_a_machine_answers_with_what_was) {
  const auto r = simulated::check(with_cache, seeds(20));
  expect_replayable(with_cache, r);
  EXPECT_TRUE(
      r.found->claim == "linearizability"
      || r.found->claim == "no money comes from nowhere or gets lost")
      << r;
  EXPECT_LE(lines_of(*r.smallest), 5U) << *r.smallest;
}

TEST(bug, a_machine_that_is_no_function_of_its_log) {
  const auto r = simulated::check(experiment_with<by_chance>, seeds(20));
  ASSERT_FALSE(r.ok());
  EXPECT_EQ(r.found->claim, "equal machines") << r;
}

/// Tries again when it does not know, as if nothing had happened. It may have.
simulated::task<> pay_until_it_works(simulated::client& c, std::shared_ptr<paid_in> sum) {
  for (bool done = false; !done;) {
    const auto paid = co_await c.get<handle>("savings").deposit("alice", 1);
    done = paid.ok();
    if (!done) static_cast<void>(co_await c.pass(std::chrono::milliseconds{200}));
  }
  ++sum->for_sure;
}

simulated::experiment with_impatience() {
  const auto sum = std::make_shared<paid_in>();
  simulated::experiment e;
  e.machine<machine>()
      .program("pay", [sum](simulated::client& c) { return pay_until_it_works(c, sum); })
      .in_the_end([sum](simulated::client& c) { return compare_total(c, sum); });
  return e;
}

// It takes one call, and faults that make its client unsure: a coincidence, which leaving out any
// other call or fault may shift and heal. The shrinker has to get past that (31 calls may all be
// needed, unless the noise changes with them, or the one call moves to where a fault hits it).
TEST(bug, a_client_pays_twice) {
  int by_one_fault = 0;
  for (const std::uint64_t first : {1U, 41U, 81U, 121U, 161U}) {
    simulated::options how = seeds(40);
    how.seed = first;
    const auto r = simulated::check(with_impatience, how);
    expect_replayable(with_impatience, r);
    EXPECT_EQ(r.found->claim, "no money comes from nowhere or gets lost");
    const std::string text = r.smallest->to_string();
    EXPECT_TRUE(absl::StrContains(text, " 1 calls")) << text;
    EXPECT_LE(lines_of(*r.smallest), 7U) << text;
    if (absl::StrContains(text, " 1 faults")) ++by_one_fault;
  }
  EXPECT_GE(by_one_fault, 3);
}

/// Reads the number of visitors once, and shows it for ever.
simulated::experiment with_a_stale_page() {
  const auto shown = std::make_shared<std::optional<std::int64_t>>();
  simulated::experiment e;
  e.linearizable("visitors", "counter", 0)
      .program(
          "visit",
          [](simulated::client& c) -> simulated::task<> {
            auto call = c.call("visitors", "add", 1);
            const auto now = co_await c.get<atomix::counter>("visitors").add_and_get(1);
            call.ended(now.status());
          })
      .program("look", [shown](simulated::client& c) -> simulated::task<> {
        auto call = c.call("visitors", "read");
        if (!*shown) {
          const auto now = co_await c.get<atomix::counter>("visitors").get();
          if (!now.ok()) co_return call.ended(now.status());
          *shown = *now;
        }
        call.returned(**shown);
      });
  return e;
}

TEST(bug, a_client_shows_what_was) {
  const auto r = simulated::check(with_a_stale_page, seeds(20));
  expect_replayable(with_a_stale_page, r);
  EXPECT_EQ(r.found->claim, "linearizability of visitors");
  EXPECT_LE(lines_of(*r.smallest), 4U) << *r.smallest;
}

/// Asks only once how much there is, and writes down what it shows: with the machine as the model.
template <bool Stale>
simulated::experiment with_a_window() {
  const auto shown = std::make_shared<std::optional<std::int64_t>>();
  simulated::experiment e;
  e.machine<machine>()
      .linearizable_as<machine>("savings")
      .program(
          "deposit",
          [](simulated::client& c) -> simulated::task<> {
            const std::string who = accounts[c.chance().below(3)];
            auto call = c.call("savings", "deposit", checker::value::of({who, 5}));
            const auto now = co_await c.get<handle>("savings").deposit(who, 5);
            call.ended(now.status(), now.value_or(0));
          })
      .program("look", [shown](simulated::client& c) -> simulated::task<> {
        auto call = c.call("savings", "total");
        if (!Stale || !*shown) {
          const auto now = co_await c.get<handle>("savings").total();
          if (!now.ok()) co_return call.ended(now.status());
          *shown = *now;
          co_return call.returned(*now);
        }
        call.returned(**shown);
      });
  return e;
}

TEST(bug, a_machine_is_the_model_of_what_clients_show) {
  simulated::options how = seeds(10);
  how.time = std::chrono::seconds{2};
  const auto right = simulated::check(with_a_window<false>, how);
  ASSERT_TRUE(right.ok()) << right;
  const auto r = simulated::check(with_a_window<true>, how);
  expect_replayable(with_a_window<true>, r);
  EXPECT_EQ(r.found->claim, "linearizability of savings");
  EXPECT_LE(lines_of(*r.smallest), 4U) << *r.smallest;
}

simulated::experiment with_a_program_that_throws() {
  simulated::experiment e;
  e.machine<machine>().program("throw", [](simulated::client& c) -> simulated::task<> {
    const auto inner = [](simulated::client& each) -> simulated::task<int> {
      static_cast<void>(co_await each.pass(std::chrono::milliseconds{1}));
      throw std::runtime_error("no such account");
    };
    static_cast<void>(co_await inner(c));
  });
  return e;
}

TEST(bug, a_program_throws) {
  const auto r = simulated::check(with_a_program_that_throws, seeds(2));
  expect_replayable(with_a_program_that_throws, r);
  EXPECT_EQ(r.found->claim, "exception");
  EXPECT_EQ(r.found->sentence, "throw threw: no such account");
}

/// Draws from something else than its client.
simulated::experiment with_own_chance() {
  simulated::experiment e;
  e.machine<machine>().program("deposit", [](simulated::client& c) -> simulated::task<> {
    static std::int64_t sum = 0;
    static_cast<void>(co_await c.get<handle>("savings").deposit(std::to_string(++sum), 1));
  });
  return e;
}

TEST(bug, a_program_is_no_function_of_its_seed) {
  const auto r = simulated::check(with_own_chance, seeds(2));
  ASSERT_FALSE(r.ok());
  EXPECT_EQ(r.found->claim, "determinism");
}

/// Takes one word for another: on all replicas alike, so that they agree, with the log and with its
/// replay. Only the models of the checker, which share nothing with it, know better.
class deaf_map : public atomix::resources::map::machine {
 public:
  using machine::apply;
  void apply(atomix::resources::commit_context& c, const atomix::resources::map::proto::Put& op) {
    auto heard = op;
    if (op.value() == "b") heard.set_value("p");
    machine::apply(c, heard);
  }
};

template <class Machine>
simulated::experiment with_a_map() {
  simulated::experiment e;
  e.machine<Machine>()
      .program(
          "write",
          [](simulated::client& c) -> simulated::task<> {
            const std::string word = c.chance().chance(1, 2) ? "a" : "b";
            static_cast<void>(
                co_await c.get<atomix::map<std::string, std::string>>("words").put("word", word));
          })
      .program("read", [](simulated::client& c) -> simulated::task<> {
        static_cast<void>(
            co_await c.get<atomix::map<std::string, std::string>>("words").get("word"));
      });
  return e;
}

TEST(bug, a_machine_of_the_catalog_is_wrong_on_all_replicas_alike) {
  const auto right = simulated::check(with_a_map<atomix::resources::map::machine>, seeds(10));
  ASSERT_TRUE(right.ok()) << right;
  const auto r = simulated::check(with_a_map<deaf_map>, seeds(10));
  expect_replayable(with_a_map<deaf_map>, r);
  EXPECT_EQ(r.found->claim, "specification");
  EXPECT_LE(lines_of(*r.smallest), 4U) << *r.smallest;
}

}  // namespace
}  // namespace bank
