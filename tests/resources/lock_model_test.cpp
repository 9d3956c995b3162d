// SPDX-License-Identifier: Apache-2.0
// Locks and elections against a plain queue: the first in it holds (leads), the others wait.
#include "resources/election/machine.hpp"
#include "resources/lock/machine.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <deque>

#include "tests/resources/machine_fixture.hpp"

namespace atomix::resources {
namespace {

// The same cases each time, unless the caller of the program wants others.
[[maybe_unused]] const int seeded = setenv("RC_PARAMS", "seed=20160301 max_success=300", 0);

constexpr std::uint64_t never = ~std::uint64_t{0};

struct queued {
  std::uint64_t session = 0;
  std::uint64_t request = 0;
  std::uint64_t deadline = never;
};

/// The queue, and what everybody has been told of it.
struct lock_model {
  std::deque<queued> line;
  std::uint64_t now = 0;
  std::uint64_t last_token = 0;
  std::map<std::uint64_t, std::uint64_t> told;  // session to the token it believes in

  [[nodiscard]] bool stands(std::uint64_t session) const {
    return std::any_of(
        line.begin(), line.end(), [&](const queued& q) { return q.session == session; });
  }
  [[nodiscard]] bool holds(std::uint64_t session) const {
    return !line.empty() && line.front().session == session;
  }
  void leave(std::uint64_t session) {
    std::erase_if(line, [&](const queued& q) { return q.session == session; });
    told.erase(session);
  }
  void grant(std::uint64_t session, std::uint64_t token) {
    RC_ASSERT(token > last_token);
    RC_ASSERT(told.empty());  // nobody else believes in holding
    RC_ASSERT(holds(session));
    last_token = told[session] = token;
    line.front().deadline = never;
  }
};

class lock_run {
 public:
  void step() {
    const auto session = *rc::gen::inRange<std::uint64_t>(1, 5);
    const int kind = *rc::gen::inRange(0, 12);
    if (kind < 5)
      acquire(session, *rc::gen::element<std::uint64_t>(0, 1, 10, 30, never));
    else if (kind < 8)
      release(session);
    else if (kind == 8)
      withdraw(session);
    else if (kind == 9)
      close({session, *rc::gen::inRange<std::uint64_t>(1, 5)});
    else
      advance(*rc::gen::inRange<std::uint64_t>(0, 15));
    hear();
    check_state();
  }

 private:
  void acquire(std::uint64_t session, std::uint64_t wait_ms) {
    lock::proto::Acquire op;
    if (wait_ms == never)
      op.set_wait_forever(true);
    else
      op.set_wait_ms(wait_ms);
    const auto answer = run_.command(session, op);
    RC_ASSERT(answer.ok() != model_.stands(session));
    if (!answer.ok()) return;
    const auto reply = answer.as<lock::proto::Asked>();
    const bool free = model_.line.empty();
    RC_ASSERT((reply.token() != 0) == free);
    RC_ASSERT((reply.request() != 0) == (!free && wait_ms != 0));
    if (!free && wait_ms == 0) return;
    const std::uint64_t deadline = wait_ms == never ? never : model_.now + wait_ms;
    model_.line.push_back({session, reply.request(), deadline});
    if (free) model_.grant(session, reply.token());
  }
  void release(std::uint64_t session) {
    const bool released = run_.ask<lock::proto::Answer>(session, lock::proto::Release{}).yes();
    RC_ASSERT(released == model_.holds(session));
    if (released) model_.leave(session);
  }
  void withdraw(std::uint64_t session) {
    const bool waits = model_.stands(session) && !model_.holds(session);
    RC_ASSERT(run_.ask<lock::proto::Answer>(session, lock::proto::Withdraw{}).yes() == waits);
    if (!waits) return;
    model_.leave(session);
    RC_ASSERT(run_.take<lock::proto::Withdrawn>(session).size() == 1U);
  }
  // Two may end at one entry; nothing passes through the second.
  void close(const std::vector<std::uint64_t>& sessions) {
    run_.close(sessions);
    for (const std::uint64_t session : sessions)
      model_.leave(session);
    for (const std::uint64_t session : sessions)
      RC_ASSERT(run_.take_events(session).empty());
  }
  void advance(std::uint64_t ms) {
    run_.advance(ms);
    model_.now += ms;
  }
  // Events must be exactly what the queue says: the first hears a grant, the late a time-out.
  void hear() {
    const auto late = [&](const queued& q) {
      return q.deadline <= model_.now;
    };
    for (const queued& q : model_.line)
      if (late(q)) {
        const auto events = run_.take<lock::proto::TimedOut>(q.session);
        RC_ASSERT(events.size() == 1U);
        RC_ASSERT(events.front().request() == q.request);
      }
    std::erase_if(model_.line, late);
    if (!model_.line.empty() && model_.told.empty()) {
      const queued first = model_.line.front();
      const auto events = run_.take<lock::proto::Granted>(first.session);
      RC_ASSERT(events.size() == 1U);
      RC_ASSERT(events.front().request() == first.request);
      model_.grant(first.session, events.front().token());
    }
    for (std::uint64_t session = 1; session < 5; ++session)
      RC_ASSERT(run_.take_events(session).empty());
  }
  void check_state() {
    const auto state = run_.look<lock::proto::State>(1, lock::proto::GetState{});
    const bool free = model_.line.empty();
    RC_ASSERT(state.session() == (free ? 0 : model_.line.front().session));
    RC_ASSERT(state.token() == (free ? 0 : model_.last_token));
    RC_ASSERT(state.waiting() == (free ? 0 : model_.line.size() - 1));
  }

  machine_fixture<lock::machine> run_;
  lock_model model_;
};

RC_GTEST_PROP(lock_model, one_holder_growing_tokens_first_come_first_served, ()) {
  lock_run run;
  const int steps = *rc::gen::inRange(1, 80);
  for (int i = 0; i < steps; ++i)
    run.step();
}

class election_run {
 public:
  election_run() { RC_ASSERT(run_.command(9, election::proto::Listen{}).ok()); }

  void step() {
    const auto session = *rc::gen::inRange<std::uint64_t>(1, 5);
    const int kind = *rc::gen::inRange(0, 5);
    const bool stands = std::find(line_.begin(), line_.end(), session) != line_.end();
    const std::uint64_t leader = line_.empty() ? 0 : line_.front();
    if (kind < 2) {
      const auto answer = run_.command(session, election::proto::Run{});
      RC_ASSERT(answer.ok() != stands);
      if (!stands) line_.push_back(session);
      if (leader == 0) elected(answer.as<election::proto::Entered>().epoch());
    } else if (kind == 2) {
      const auto another = *rc::gen::inRange<std::uint64_t>(1, 5);
      run_.close({session, another});
      std::erase(line_, session);
      std::erase(line_, another);
    } else {
      const auto answer = run_.ask<election::proto::Answer>(session, election::proto::Resign{});
      RC_ASSERT(answer.yes() == stands);
      std::erase(line_, session);
    }
    hear(leader);
  }

 private:
  void elected(std::uint64_t epoch) {
    RC_ASSERT(epoch > epoch_);
    epoch_ = epoch;
  }
  void hear(std::uint64_t leader_before) {
    const std::uint64_t leader = line_.empty() ? 0 : line_.front();
    if (leader != leader_before && leader_before != 0 && leader != 0) {
      const auto events = run_.take<election::proto::Elected>(leader);
      RC_ASSERT(events.size() == 1U);
      elected(events.front().epoch());
    }
    for (std::uint64_t session = 1; session < 5; ++session)
      RC_ASSERT(run_.take_events(session).empty());
    const auto changes = run_.take<election::proto::LeaderChanged>(9);
    RC_ASSERT(changes.size() == (leader == leader_before ? 0U : 1U));
    RC_ASSERT((changes.empty() || changes.front().leader().session() == leader));
    const auto now = run_.look<election::proto::Leader>(9, election::proto::GetLeader{});
    RC_ASSERT(now.session() == leader);
    RC_ASSERT(now.epoch() == (leader == 0 ? 0 : epoch_));
  }

  machine_fixture<election::machine> run_;
  std::deque<std::uint64_t> line_;
  std::uint64_t epoch_ = 0;
};

RC_GTEST_PROP(election_model, one_leader_growing_epochs_first_come_first_served, ()) {
  election_run run;
  const int steps = *rc::gen::inRange(1, 80);
  for (int i = 0; i < steps; ++i)
    run.step();
}

}  // namespace
}  // namespace atomix::resources
