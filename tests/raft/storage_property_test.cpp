// SPDX-License-Identifier: Apache-2.0
// Random batches, prepared at random, power cut or killed at random points.
#include <absl/strings/str_cat.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tests/raft/storage_lab.hpp"

namespace atomix::raft::lab {
namespace {

/// Draws the next batch: sometimes a state, sometimes entries, sometimes replacing old ones.
save_batch draw_batch(prng& chance, const model& now, std::uint64_t& term) {
  save_batch batch;
  if (chance.chance(1, 4)) {
    batch = state_of(++term, chance.below(4));
    if (chance.chance(1, 2)) return batch;
  }
  const std::uint64_t last = now.entries.size();
  std::uint64_t first = last + 1;
  if (chance.chance(1, 5)) {
    ++term;
    first = chance.between(last > 20 ? last - 20 : 1, last + 1);
  }
  const std::size_t size = chance.chance(1, 20) ? chance.below(9000) : chance.below(300);
  const save_batch entries = entries_of(term, first, first + chance.below(5), size);
  batch.entries = entries.entries;
  return batch;
}

struct run {
  explicit run(std::uint64_t seed) : chance(seed), d(chance.fork()) {}

  prng chance;
  sim::disk d;
  model promised;               // append returned ok and its time has passed
  std::vector<model> possible;  // also what was in flight
  std::uint64_t term = 1;

  void check(const recovered_state& found, const std::string& what) {
    const model back = model_of(found);
    bool matches = back == promised;
    for (const model& m : possible)
      matches = matches || back == m;
    if (!matches) {
      RC_FAIL(absl::StrCat(
          what,
          ": found ",
          back.entries.size(),
          " entries, term ",
          back.state.term.value(),
          "; promised ",
          promised.entries.size(),
          ", term ",
          promised.state.term.value()));
    }
    promised = back;
    possible.clear();
  }

  /// One process: opens, checks, writes some batches, dies.
  void live(int life) {
    const std::string what = absl::StrCat("life ", life);
    const opened o = open_log(d);
    if (!o.writer.ok()) RC_FAIL(absl::StrCat(what, ": ", o.writer.status().ToString()));
    std::vector<model> before = possible;
    before.push_back(promised);
    check(o.found.recovered, what);
    if (chance.chance(1, 10)) {  // dies while it opens: nothing has been promised anew
      possible = before;
      return die();
    }
    d.complete_syncs();
    const std::uint64_t count = chance.below(30);
    for (std::uint64_t i = 0; i < count; ++i) {
      const save_batch b = draw_batch(chance, promised, term);
      model next = promised;
      next.take(b);
      RC_ASSERT(append_one(**o.writer, b).ok());
      if (chance.chance(1, 10)) {
        RC_ASSERT((*o.writer)->prepare().ok());
      }
      if (i + 1 == count && chance.chance(1, 2)) {
        possible.push_back(next);  // dies before it hears of the sync
        break;
      }
      d.complete_syncs();
      promised = next;
    }
    die();
  }

  void die() { chance.chance(1, 3) ? d.kill() : d.crash(); }
};

RC_GTEST_PROP(log, keeps_its_promises_through_crashes, (std::uint64_t seed)) {
  run r(seed);
  for (int life = 0; life < 12; ++life)
    r.live(life);
}

RC_GTEST_PROP(log, reads_what_it_holds, (std::uint64_t seed)) {
  run r(seed);
  const opened o = open_log(r.d);
  RC_ASSERT(o.writer.ok());
  for (int i = 0; i < 60; ++i) {
    const save_batch b = draw_batch(r.chance, r.promised, r.term);
    RC_ASSERT(append_one(**o.writer, b).ok());
    r.promised.take(b);
    const std::size_t size = r.promised.entries.size();
    if (size == 0) continue;
    const std::uint64_t from = r.chance.between(1, size);
    const auto part = (*o.writer)->read(index_t{from}, r.chance.below(20000));
    RC_ASSERT(part.ok());
    RC_ASSERT(!part->empty() && part->size() <= size - from + 1);
    for (std::size_t j = 0; j < part->size(); ++j) {
      RC_ASSERT((*part)[j] == r.promised.entries[from - 1 + j]);
    }
  }
}

}  // namespace
}  // namespace atomix::raft::lab
