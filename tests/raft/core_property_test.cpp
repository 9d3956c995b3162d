// SPDX-License-Identifier: Apache-2.0
// A few nodes under everything that a network and crashes can do to them, and what must hold
// nevertheless (thesis figure 3.2): safety after every step, liveness once the trouble ends.
#include "raft/base/prng.hpp"

#include <absl/strings/str_cat.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <string>
#include <vector>

#include "tests/raft/lab.hpp"

namespace atomix::raft {
namespace {

options small_options(std::uint64_t voters) {
  options o;
  for (std::uint64_t i = 1; i <= voters; ++i)
    o.initial.voters.emplace(i);
  o.election_ticks = 10;
  o.heartbeat_ticks = 3;
  o.append_bytes_max = 120;    // three or four entries
  o.inflight_bytes_max = 400;  // three or four appends
  o.cache_bytes_max = 200;     // followers that lag need storage
  return o;
}

/// One number decides one deed.
class chaos {
 public:
  explicit chaos(std::uint64_t voters) : lab_(small_options(voters)), voters_(voters) {}

  void act(std::uint64_t number) {
    prng random{number};
    const node_id id{random.between(1, voters_)};
    switch (random.below(16)) {
      case 0:
      case 1:
      case 2:
        for (std::uint64_t i = random.below(6); i > 0; --i)
          lab_.tick(id);
        break;
      case 3:
      case 4:
        (void)lab_.save(id);
        break;
      case 5:
        while (random.chance(3, 4) && lab_.save(id))
          continue;
        break;
      case 6:
      case 7:
      case 8:
      case 9:
        deliver_some(random);
        break;
      case 10:
        propose_some(random);
        break;
      case 11:
        lab_.read(id, ++reads_);
        break;
      case 12:
        rarely(random, id);
        break;
      case 13:
        (void)lab_.load(id);
        break;
      case 14:
        in_order(random);
        break;
      default:
        lab_.step(id, peer_lost{node_id{random.between(1, voters_)}});
        break;
    }
  }

  /// The trouble ends: a leader must emerge, and everybody must agree.
  void recover() {
    for (const auto& [id, n] : lab_.nodes) {
      if (!n.running) lab_.restart(id);
    }
    for (int i = 0; i < 200 && !agreed(); ++i) {
      for (const auto& [id, n] : lab_.nodes)
        lab_.tick(id);
      lab_.settle([](const packet&) { return true; });
    }
  }

  [[nodiscard]] bool agreed() {
    const status first = lab_.at(node_id{1}).running->view();
    return !first.leader.is_none()
           && std::all_of(lab_.nodes.begin(), lab_.nodes.end(), [&](const auto& n) {
                const status v = n.second.running->view();
                return v.last == first.last && v.commit == v.last.index && v.leader == first.leader;
              });
  }

  lab& inside() { return lab_; }

 private:
  void deliver_some(prng& random) {
    for (std::uint64_t i = random.between(1, 4); i > 0 && !lab_.network.empty(); --i) {
      const std::size_t position = random.below(lab_.network.size());
      if (random.chance(1, 12)) {
        lab_.network.erase(lab_.network.begin() + static_cast<std::ptrdiff_t>(position));
      } else {
        lab_.deliver(position, random.chance(1, 8));
      }
    }
    if (lab_.network.size() > 60) lab_.network.erase(lab_.network.begin());
  }

  void in_order(prng& random) {
    for (std::uint64_t i = random.below(12); i > 0 && !lab_.network.empty(); --i)
      lab_.deliver(0);
    if (!random.chance(1, 4)) return;
    // A stretch of good weather, so that leaders get somewhere.
    for (const auto& [id, n] : lab_.nodes) {
      while (lab_.save(id))
        continue;
    }
  }

  void propose_some(prng& random) {
    propose in;
    for (std::uint64_t i = random.between(1, 9); i > 0; --i) {
      in.proposals.push_back({entry_kind::command, shared_bytes{absl::StrCat("p", ++proposed_)}});
    }
    for (const auto& [id, n] : lab_.nodes)
      lab_.step(id, in);
  }

  void rarely(prng& random, node_id id) {
    if (!lab_.runs(id)) {
      lab_.restart(id);
    } else if (random.chance(1, 3)) {
      lab_.crash(id, random.below(3));
    }
  }

  lab lab_;
  std::uint64_t voters_;
  std::uint64_t proposed_ = 0;
  std::uint64_t reads_ = 0;
};

TEST(core_property, safe_under_chaos_and_alive_after_it) {
  std::size_t committed = 0;
  std::uint64_t granted = 0;
  const bool holds = rc::check([&] {
    const auto voters = *rc::gen::inRange<std::uint64_t>(3, 6);
    const auto deeds = *rc::gen::container<std::vector<std::uint64_t>>(
        1500, rc::gen::inRange<std::uint64_t>(0, 1ULL << 40U));
    chaos c{voters};
    for (const std::uint64_t deed : deeds) {
      c.act(deed);
      RC_ASSERT(c.inside().violation == "");
    }
    committed += c.inside().history.size();
    granted += c.inside().reads_granted;
    c.recover();
    RC_ASSERT(c.inside().violation == "");
    RC_ASSERT(c.agreed());
  });
  EXPECT_TRUE(holds);
  RecordProperty("committed", std::to_string(committed));
  RecordProperty("reads", std::to_string(granted));
  // Chaos in which nothing is ever committed or read would prove nothing.
  EXPECT_GT(committed, 1000U);
  EXPECT_GT(granted, 100U);
}

/// Equal state and equal input give equal effects: two worlds of one seed stay the same.
TEST(core_property, deterministic) {
  EXPECT_TRUE(rc::check([] {
    const auto deeds = *rc::gen::container<std::vector<std::uint64_t>>(
        300, rc::gen::inRange<std::uint64_t>(0, 1ULL << 40U));
    chaos first{3};
    chaos second{3};
    for (const std::uint64_t deed : deeds) {
      first.act(deed);
      second.act(deed);
    }
    RC_ASSERT(first.inside().history == second.inside().history);
    RC_ASSERT(first.inside().network.size() == second.inside().network.size());
  }));
}

}  // namespace
}  // namespace atomix::raft
