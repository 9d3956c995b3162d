// SPDX-License-Identifier: Apache-2.0
// The bank and a client of it in the simulated world: what docs/testing_your_own.md tells.
#include "bank.hpp"

#include <atomix/testing.hpp>
#include <atomix/testing_rapidcheck.hpp>
#include <gtest/gtest.h>

#include <array>
#include <memory>

namespace {

namespace testing = atomix::testing;

constexpr std::array accounts{"alice", "bob", "carol"};

/// What clients have paid in: for sure, and perhaps.
struct paid_in {
  std::int64_t sure = 0, perhaps = 0;
};

testing::task<> deposit(testing::client& c, std::shared_ptr<paid_in> sum) {
  const auto savings = c.get<bank::handle>("savings");
  const auto done = co_await savings.deposit(accounts[c.chance().below(3)], 100);
  if (done.ok()) sum->sure += 100;
  if (atomix::certainty_of(done.status()) == atomix::certainty::unknown) sum->perhaps += 100;
}

testing::task<> transfer(testing::client& c) {
  const auto savings = c.get<bank::handle>("savings");
  const std::uint64_t from = c.chance().below(3);
  const auto cents = static_cast<std::int64_t>(c.chance().between(1, 100));
  // Whether there is enough is for the machine to say.
  (void)co_await savings.transfer(accounts[from], accounts[(from + 1) % 3], cents);
}

testing::task<absl::Status> count_the_money(testing::client& c, std::shared_ptr<paid_in> sum) {
  const auto total = co_await c.get<bank::handle>("savings").total();
  if (!total.ok()) co_return total.status();
  c.require(*total >= sum->sure, "no money gets lost");
  c.require(*total <= sum->sure + sum->perhaps, "no money comes from nowhere");
  co_return absl::OkStatus();
}

bool nobody_owes(const bank::machine& m) {
  for (const auto& [account, cents] : m.balances())
    if (cents < 0) return false;
  return true;
}

testing::experiment savings() {
  const auto sum = std::make_shared<paid_in>();
  return testing::experiment{}
      .machine<bank::machine>()
      .invariant<bank::machine>("nobody owes the bank", nobody_owes)
      .program("deposit", [sum](testing::client& c) { return deposit(c, sum); })
      .program("transfer", transfer)
      .in_the_end([sum](testing::client& c) { return count_the_money(c, sum); });
}

TEST(bank, keeps_its_money_whatever_happens) {
  const testing::result r = testing::check(savings, {.runs = 50});
  ASSERT_TRUE(r.ok()) << r;
  std::cout << r;
}

TEST(bank, is_linearizable_for_rapidcheck) {
  EXPECT_TRUE(rc::check("my resource is linearizable", [] {
    const auto plan = *testing::plans(savings, {.time = std::chrono::seconds{5}});
    const testing::result r = testing::run(savings, plan);
    if (!r.ok()) RC_FAIL(r.text());
  }));
}

// A client that tries again when it does not know whether it paid. It may have.
testing::task<> pay_until_it_works(testing::client& c, std::shared_ptr<paid_in> sum) {
  for (bool paid = false; !paid;) {
    paid = (co_await c.get<bank::handle>("savings").deposit("alice", 1)).ok();
    if (!paid) (void)co_await c.pass(std::chrono::milliseconds{200});
  }
  ++sum->sure;
}

testing::experiment impatient() {
  const auto sum = std::make_shared<paid_in>();
  return testing::experiment{}
      .machine<bank::machine>()
      .program("pay", [sum](testing::client& c) { return pay_until_it_works(c, sum); })
      .in_the_end([sum](testing::client& c) { return count_the_money(c, sum); });
}

// Run it with --gtest_also_run_disabled_tests to see a failure.
TEST(bank, DISABLED_impatient_clients_pay_once) {
  const testing::result r = testing::check(impatient, {.runs = 500});
  ASSERT_TRUE(r.ok()) << r;
}

}  // namespace
