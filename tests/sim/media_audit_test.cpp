// SPDX-License-Identifier: Apache-2.0
// What nodes have promised, in memory and on their media.
#include "sim/media_audit.hpp"

#include "raft/storage/log.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "tests/sim/small_log.hpp"

namespace atomix::sim {
namespace {

constexpr node_id ada{1};
constexpr node_id bob{2};
constexpr node_id eve{3};

raft::entry entry(std::uint64_t term, std::uint64_t index, std::string data) {
  raft::entry made;
  made.id = {term_t{term}, index_t{index}};
  made.data = shared_bytes{std::move(data)};
  return made;
}

struct media_audit_test : testing::Test {
  world at{1};
  findings found{at};
  promises given{found};
  media_audit audit{found, given};
  disk one{prng{1}};
  disk two{prng{2}};
  disk three{prng{3}};

  void SetUp() override {
    const auto add = [&](node_id id, const char* name, const disk& media) {
      given.add_node(id, name);
      audit.add_node(id, name, media);
    };
    add(ada, "ada", one);
    add(bob, "bob", two);
    add(eve, "eve", three);
  }

  /// Appends to the log on `d`, and lets it become durable, or not.
  static void write(disk& d, const raft::save_batch& batch, bool durable) {
    raft::opened_log opened;
    auto log = raft::log::open(d, options_of_log(), opened);
    ASSERT_TRUE(log.ok()) << log.status();
    d.complete_syncs();
    ASSERT_TRUE((*log)->append({batch}).ok());
    if (durable) d.complete_syncs();
  }

  static raft::save_batch batch_of(std::uint64_t term, node_id vote, raft::entry e) {
    raft::save_batch batch;
    batch.state_changed = true;
    batch.state = {term_t{term}, vote};
    batch.entries.push_back(std::move(e));
    return batch;
  }
  std::string first() const { return found.empty() ? "" : found.all().front().property; }
};

TEST_F(media_audit_test, who_never_started_has_promised_nothing) {
  audit.check({});
  audit.check_contents({});
  EXPECT_EQ(first(), "");
}

TEST_F(media_audit_test, what_was_made_durable_is_found) {
  write(one, batch_of(2, bob, entry(2, 1, "x")), true);
  write(two, batch_of(2, bob, entry(2, 1, "x")), true);
  given.voted(ada, bob, term_t{2});
  given.acknowledged(ada, term_t{2}, {term_t{2}, index_t{1}});
  audit.check({term_t{2}, index_t{1}});
  audit.check_contents({{entry(2, 1, "x"), 0}});
  EXPECT_EQ(first(), "");
}

TEST_F(media_audit_test, a_vote_that_was_never_synced) {
  write(one, batch_of(2, bob, entry(2, 1, "x")), false);
  audit.look_at(ada);
  EXPECT_EQ(first(), "");
  given.voted(ada, bob, term_t{2});
  audit.look_at(ada);
  EXPECT_EQ(first(), "promises are durable");
}

TEST_F(media_audit_test, an_acknowledged_entry_that_was_never_synced) {
  write(one, batch_of(2, bob, entry(2, 1, "x")), true);
  given.acknowledged(ada, term_t{2}, {term_t{2}, index_t{2}});
  audit.look_at(ada);
  EXPECT_EQ(first(), "promises are durable");
}

TEST_F(media_audit_test, a_later_term_may_replace_what_was_acknowledged) {
  write(one, batch_of(3, node_id{}, entry(3, 1, "y")), true);
  given.voted(ada, bob, term_t{2});
  given.acknowledged(ada, term_t{2}, {term_t{2}, index_t{1}});
  audit.look_at(ada);
  EXPECT_EQ(first(), "");
}

TEST_F(media_audit_test, a_committed_entry_on_a_minority) {
  write(one, batch_of(2, bob, entry(2, 1, "x")), true);
  audit.check({term_t{2}, index_t{1}});
  EXPECT_EQ(first(), "committed is durable");
}

TEST_F(media_audit_test, a_committed_entry_with_other_bytes) {
  write(one, batch_of(2, bob, entry(2, 1, "x")), true);
  write(two, batch_of(2, bob, entry(2, 1, "z")), true);
  audit.check({term_t{2}, index_t{1}});
  EXPECT_EQ(first(), "");
  audit.check_contents({{entry(2, 1, "x"), 0}});
  EXPECT_EQ(first(), "committed is durable");
}

/// A core of ada that has recovered this.
raft::core core_of(raft::hard_state state, std::vector<raft::entry> entries) {
  raft::options options;
  options.self = ada;
  options.initial.voters = {ada, bob, eve};
  raft::recovered_state recovered;
  recovered.state = state;
  recovered.entries = std::move(entries);
  return raft::core{options, std::move(recovered)};
}

TEST_F(media_audit_test, a_start_that_knows_all_promises) {
  given.voted(ada, bob, term_t{2});
  given.acknowledged(ada, term_t{2}, {term_t{2}, index_t{1}});
  const auto core = core_of({term_t{2}, bob}, {entry(2, 1, "x")});
  given.stepped(core, core.view());
  EXPECT_EQ(first(), "");
}

TEST_F(media_audit_test, a_start_that_has_forgotten_a_vote) {
  given.voted(ada, bob, term_t{2});
  const auto core = core_of({term_t{2}, eve}, {});
  given.stepped(core, core.view());
  EXPECT_EQ(first(), "promises survive");
}

TEST_F(media_audit_test, a_start_that_has_forgotten_an_entry) {
  given.acknowledged(ada, term_t{2}, {term_t{2}, index_t{2}});
  const auto core = core_of({term_t{2}, bob}, {entry(2, 1, "x")});
  given.stepped(core, core.view());
  EXPECT_EQ(first(), "promises survive");
}

TEST_F(media_audit_test, a_vote_that_arrives_after_it_was_forgotten) {
  const auto core = core_of({term_t{1}, node_id{}}, {});
  given.stepped(core, core.view());
  given.voted(ada, bob, term_t{2});
  EXPECT_EQ(first(), "promises survive");
}

}  // namespace
}  // namespace atomix::sim
