// SPDX-License-Identifier: Apache-2.0
// Clients of the bank of examples/, for all tests here.
#pragma once

#include "sim/testing/testing.hpp"

#include <array>
#include <cstdint>
#include <memory>
#include <string>

#include "examples/bank.hpp"

namespace bank {

namespace simulated = atomix::testing;

inline constexpr std::array accounts{"alice", "bob", "carol"};

/// What clients put in, as far as they know.
struct paid_in {
  std::int64_t for_sure = 0;
  std::int64_t perhaps = 0;
};

inline simulated::task<> deposit(simulated::client& c, std::shared_ptr<paid_in> sum) {
  const auto savings = c.get<handle>("savings");
  const auto cents = static_cast<std::int64_t>(c.chance().between(1, 100));
  const auto done = co_await savings.deposit(accounts[c.chance().below(3)], cents);
  if (done.ok()) sum->for_sure += cents;
  if (atomix::certainty_of(done.status()) == atomix::certainty::unknown) sum->perhaps += cents;
}

inline simulated::task<> transfer(simulated::client& c) {
  const auto savings = c.get<handle>("savings");
  const std::uint64_t from = c.chance().below(3);
  const auto cents = static_cast<std::int64_t>(c.chance().between(1, 100));
  static_cast<void>(co_await savings.transfer(accounts[from], accounts[(from + 1) % 3], cents));
}

inline simulated::task<absl::Status> compare_total(
    simulated::client& c, std::shared_ptr<const paid_in> sum) {
  const auto total = co_await c.get<handle>("savings").total();
  if (!total.ok()) co_return total.status();
  const bool fits = *total >= sum->for_sure && *total <= sum->for_sure + sum->perhaps;
  c.require(
      fits,
      "no money comes from nowhere or gets lost",
      "there are " + std::to_string(*total) + " cents; " + std::to_string(sum->for_sure)
          + " were paid in for sure, and perhaps " + std::to_string(sum->perhaps) + " more");
  co_return absl::OkStatus();
}

template <class Machine>
bool nobody_owes(const Machine& m) {
  for (const auto& [account, cents] : m.balances()) {
    if (cents < 0) return false;
  }
  return true;
}

template <class Machine>
simulated::experiment experiment_with() {
  const auto sum = std::make_shared<paid_in>();
  simulated::experiment e;
  e.template invariant<Machine>("nobody owes the bank", nobody_owes<Machine>)
      .program("deposit", [sum](simulated::client& c) { return deposit(c, sum); })
      .program("transfer", transfer)
      .in_the_end([sum](simulated::client& c) { return compare_total(c, sum); });
  return e;
}

}  // namespace bank
