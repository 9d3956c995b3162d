// SPDX-License-Identifier: Apache-2.0
// Histories as long as those of real tests are decided, with few configurations.
#include "sim/checker/check.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/sim/checker/random_history.hpp"

namespace atomix::checker {
namespace {

check_report decided(const history& h, const std::string& name) {
  const auto m = *make_model(name);
  const auto report = check(h, *m, {.configurations = 200'000, .stop = {}});
  EXPECT_TRUE(report.ok()) << report.status();
  return *report;
}

history call_by_call(std::vector<operation> operations) {
  recorder r;
  std::int64_t process = 0;
  for (operation& op : operations) {
    const certainty known = op.known;
    const value result = op.result;
    op.process = value{process++};
    const std::size_t number = r.begin(std::move(op));
    if (known != certainty::unknown) r.end(number, known, result);
  }
  return r.take();
}

operation make(const char* f, value argument, certainty known, value result = {}) {
  operation op;
  op.f = f;
  op.argument = std::move(argument);
  op.known = known;
  op.result = std::move(result);
  return op;
}

TEST(LongHistory, ValidHistoriesOfAllModels) {
  for (const char* model :
       {"register", "cas-register", "multi-register", "queue", "map", "mutex", "counter", "set"}) {
    for (std::uint64_t seed = 1; seed <= 2; ++seed) {
      const drawing_options options{
          .model = model,
          .operations = 600,
          .processes = 6,
          .unknown_percent = 2,
          .distinct = true};
      const check_report report = decided(draw_history(options, seed), model);
      EXPECT_EQ(report.answer, verdict::valid) << model << ", seed " << seed;
    }
  }
}

// As in tests that cut the network while a set is filled: which adds got through is told by the
// last read alone.
TEST(LongHistory, ASetWithManyLostAdds) {
  constexpr std::int64_t count = 400;
  std::vector<operation> all;
  std::vector<value> there;
  for (std::int64_t n = 0; n < count; ++n) {
    const bool lost = n % 4 != 0;
    all.push_back(make("add", n, lost ? certainty::unknown : certainty::ok, lost ? value{} : n));
    if (n % 3 != 0 || !lost) there.emplace_back(n);
  }
  auto with_read = all;
  with_read.push_back(make("read", {}, certainty::ok, value::set_of(there)));
  EXPECT_EQ(decided(call_by_call(with_read), "set").answer, verdict::valid);
  there.emplace_back(count);
  all.push_back(make("read", {}, certainty::ok, value::set_of(there)));
  EXPECT_EQ(decided(call_by_call(all), "set").answer, verdict::invalid);
}

// A lost write can be seen once only; others, which nobody saw, must not be tried in all their
// subsets.
TEST(LongHistory, ManyLostWrites) {
  std::vector<operation> all;
  for (std::int64_t n = 0; n < 40; ++n)
    all.push_back(make("write", n, certainty::unknown));
  for (const std::int64_t n : {7, 100, 7}) {
    if (n == 100) all.push_back(make("write", n, certainty::ok, n));
    all.push_back(make("read", {}, certainty::ok, n));
  }
  EXPECT_EQ(decided(call_by_call(all), "register").answer, verdict::invalid);
  all.back().result = value{8};
  EXPECT_EQ(decided(call_by_call(all), "register").answer, verdict::valid);
}

}  // namespace
}  // namespace atomix::checker
