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
    const std::uint64_t deed = random.below(64);
    if (deed < 8) {
      // Whoever is cut off has a slow clock: a leader that does not know what it lost.
      const std::uint64_t most = id == cut_off_ ? 1 : 4;
      for (std::uint64_t i = random.below(most + 1); i > 0; --i)
        lab_.tick(id);
    } else if (deed < 22) {
      (void)lab_.save(id);
    } else if (deed < 46) {
      deliver_some(random);
    } else if (deed < 51) {
      propose_some(random);
    } else if (deed < 55) {
      lab_.read(cut_off_.is_none() || random.chance(1, 2) ? id : cut_off_, ++reads_);
    } else if (deed < 59) {
      in_order(random);
    } else if (deed < 61) {
      (void)lab_.load(id);
    } else if (deed < 63) {
      rarely(random, id);
    } else {
      lab_.step(id, peer_lost{node_id{random.between(1, voters_)}});
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
      const std::size_t position = random.chance(1, 2) ? 0 : random.below(lab_.network.size());
      if (random.chance(1, 20)) {
        lab_.network.erase(lab_.network.begin() + static_cast<std::ptrdiff_t>(position));
      } else {
        arrive(position, random.chance(1, 12));
      }
    }
    if (lab_.network.size() > 60) lab_.network.erase(lab_.network.begin());
  }

  /// The others see their connections to it break; the node itself notices nothing.
  void cut_off(node_id id) {
    cut_off_ = id;
    for (const auto& [other, n] : lab_.nodes) {
      if (!id.is_none() && other != id) lab_.step(other, peer_lost{id});
    }
  }

  void arrive(std::size_t position, bool again) {
    const packet& p = lab_.network[position];
    if (p.from == cut_off_ || p.to == cut_off_) {
      lab_.network.erase(lab_.network.begin() + static_cast<std::ptrdiff_t>(position));
    } else {
      lab_.deliver(position, again);
    }
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
    if (random.chance(1, 12)) {
      cut_off(random.chance(2, 3) ? id : node_id{});
    } else if (!lab_.runs(id)) {
      lab_.restart(id);
    } else if (random.chance(1, 12)) {
      lab_.crash(id, random.below(3));
    }
  }

  lab lab_;
  std::uint64_t voters_;
  node_id cut_off_;  // from the network; keeps believing what it believed
  std::uint64_t proposed_ = 0;
  std::uint64_t reads_ = 0;
};

/// RapidCheck draws small numbers first; here every number is as good as any other.
std::vector<std::uint64_t> some_deeds(std::size_t count) {
  return *rc::gen::resize(
      rc::kNominalSize,
      rc::gen::container<std::vector<std::uint64_t>>(
          count, rc::gen::inRange<std::uint64_t>(0, 1ULL << 40U)));
}

TEST(core_property, safe_under_chaos_and_alive_after_it) {
  std::size_t committed = 0;
  std::uint64_t granted = 0;
  const bool holds = rc::check([&] {
    const auto voters = *rc::gen::inRange<std::uint64_t>(3, 6);
    const auto deeds = some_deeds(6000);
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
  EXPECT_GT(committed, 5000U);
  EXPECT_GT(granted, 100U);
}

/// Equal state and equal input give equal effects: two worlds of one seed stay the same.
TEST(core_property, deterministic) {
  EXPECT_TRUE(rc::check([] {
    const auto deeds = some_deeds(300);
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
