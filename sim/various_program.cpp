// SPDX-License-Identifier: Apache-2.0
// Whatever else the catalog can do, at random, on objects that all clients share: conditions, times
// to live, listeners, withdrawals, deletions. No ledger follows it: the witness knows what each
// answer and each event must have been.
#include "sim/listeners.hpp"
#include "sim/workload.hpp"

#include "resources/counter/counter.hpp"
#include "resources/election/election.hpp"
#include "resources/lock/lock.hpp"
#include "resources/map/map.hpp"
#include "resources/value/value.hpp"

#include <chrono>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace atomix::sim {
namespace {

/// Few, so that conditions hold every now and then.
constexpr std::uint64_t words = 3;

const absl::Status& status_of(const absl::Status& s) {
  return s;
}
template <class T>
const absl::Status& status_of(const absl::StatusOr<T>& r) {
  return r.status();
}

class various_program final : public program {
 public:
  explicit various_program(program_parts p) : program(std::move(p)) {}

  [[nodiscard]] std::string_view name() const override { return "various"; }
  void unbind() override { used_.reset(); }
  void bind(const std::shared_ptr<invoker>& session) override {
    used_ = std::make_unique<objects>(session, parts());
    may_hold_ = false;
    ++generation_;
  }

 protected:
  void operate() override {
    prng other = parts().chance;  // which of the rest it is does not depend on this
    static_cast<void>(other.next());
    if (other.chance(1, 64)) return leave();
    if (other.chance(1, 64)) return slip();
    switch (parts().chance.below(19)) {
      case 0:
        return remove_one();
      case 1:
        return listen();
      case 2:
      case 3:
      case 4:
        return use_lock();
      case 5:
        return use_counter();
      case 6:
      case 7:
      case 8:
      case 9:
        return use_value();
      case 16:
      case 17:
      case 18:
        return use_election();
      default:
        return parts().chance.chance(1, 3) ? look_at_map() : change_map();
    }
  }
  bool let_go() override {
    if (!std::exchange(may_hold_, false)) return false;
    release();
    return true;
  }
  void read_outcome() override { wait_for(used_->pairs.size()); }
  void session_left() override { may_hold_ = false; }
  [[nodiscard]] bool still_waits() const override { return waits_ != 0; }

 private:
  struct objects {
    objects(const std::shared_ptr<invoker>& s, const program_parts& by)
        : session(s),
          word(s, "odd value"),
          number(s, "odd counter"),
          pairs(s, "odd map"),
          door(s, "odd lock"),
          side_door(s, "odd lock"),
          office(s, "odd election"),
          ears(by.found, by.client, {word, number, pairs, door, office}) {}
    std::shared_ptr<invoker> session;
    value<std::string> word;
    counter number;
    map<std::string, std::string> pairs;
    lock door;
    lock side_door;  // what one handle gives up the other must be told
    election office;
    listeners ears;
  };

  template <class T>
  void wait_for(const future<T>& call) {
    began();
    ++waits_;
    call.then([this](const auto& result) {
      --waits_;
      finished(status_of(result));
    });
  }

  // With whatever waits and listens by it.
  void leave() {
    began();
    parts().leave();
    finished(absl::OkStatus());
  }

  // A name taken for another's: what has it must not be harmed.
  void slip() {
    const std::string_view name = parts().chance.chance(1, 2) ? "odd map" : "odd lock";
    wait_for(counter{used_->session, std::string{name}}.remove());
  }

  // One of them is empty: that is a word like any other, and not none.
  std::string a_word() {
    const std::uint64_t which = parts().chance.below(words);
    return which == 0 ? "" : std::string(1, static_cast<char>('a' + which));
  }
  std::optional<std::string> maybe_a_word() {
    if (parts().chance.chance(1, 4)) return std::nullopt;
    return a_word();
  }
  time_to_live a_life() {
    if (parts().chance.chance(1, 2)) return {};
    return time_to_live{parts().chance.between(1, 2'000)};
  }
  consistency a_level() {
    constexpr consistency levels[] = {
        consistency::atomic, consistency::sequential, consistency::local};
    return levels[parts().chance.below(3)];
  }

  // Everything is drawn before the call: the order of arguments is the compiler's.
  void use_value() {
    auto& word = used_->word;
    const auto expect = maybe_a_word();
    const auto to = maybe_a_word();
    const time_to_live life = a_life();
    switch (parts().chance.below(5)) {
      case 0:
        return wait_for(word.set(to.value_or("a"), life));
      case 1:
        return wait_for(word.unset());
      case 2:
        return wait_for(word.get_and_set(to, life));
      case 3:
        return wait_for(word.get_versioned(a_level()));
      default:
        return wait_for(word.compare_and_set(expect, to, life));
    }
  }

  void use_counter() {
    auto& number = used_->number;
    const auto n = static_cast<std::int64_t>(parts().chance.below(4));
    prng other = parts().chance;  // which of the rest it is does not depend on this
    static_cast<void>(other.next());
    // From there one wraps around.
    const std::int64_t end = std::numeric_limits<std::int64_t>::max() - n;
    const bool far_out = other.chance(1, 4);
    switch (parts().chance.below(5)) {
      case 0:
        return wait_for(number.set(far_out ? end : n));
      case 1:
        return wait_for(number.get_and_set(far_out ? -end : n));
      case 2:
        return wait_for(number.compare_and_set(n, n + 1));
      case 3:
        return wait_for(number.get_and_add(far_out ? end : n - 2));
      default:
        return wait_for(number.get(a_level()));
    }
  }

  void change_map() {
    auto& pairs = used_->pairs;
    const std::string key = a_word();
    const std::string content = a_word();
    const std::string to = a_word();
    const time_to_live life = a_life();
    switch (parts().chance.below(8)) {
      case 0:
        return wait_for(pairs.set(key, content, life));
      case 1:
        return wait_for(pairs.put(key, content, life));
      case 2:
        return wait_for(pairs.put_if_absent(key, content, life));
      case 3:
        return wait_for(pairs.remove(key));
      case 4:
        return wait_for(pairs.remove(key, content));
      case 5:
        return wait_for(pairs.replace(key, content, life));
      case 6:
        return wait_for(pairs.replace(key, content, to, life));
      default:
        return wait_for(pairs.clear());
    }
  }

  void look_at_map() {
    auto& pairs = used_->pairs;
    const std::string what = a_word();
    const consistency level = a_level();
    switch (parts().chance.below(5)) {
      case 0:
        return wait_for(pairs.contains_key(what, level));
      case 1:
        return wait_for(pairs.contains_value(what, level));
      case 2:
        return wait_for(pairs.is_empty(level));
      case 3:
        return wait_for(pairs.entries_after(what, 1, level));
      default:
        return wait_for(pairs.entries(level));
    }
  }

  void use_election() {
    auto& office = used_->office;
    const std::uint64_t some = parts().chance.below(200);
    const index_t epoch{some < 50 ? 0 : some};  // none, as who does not lead may keep it
    const consistency level = a_level();
    switch (parts().chance.below(6)) {
      case 0:
      case 1:
        return wait_for(office.run(a_word(), used_->ears.elected()));
      case 2:
        return wait_for(office.resign());
      case 3:
        return wait_for(office.is_leader(epoch));
      case 4:
        return wait_for(office.candidates(level));
      default:
        return wait_for(office.leader(level));
    }
  }

  void use_lock() {
    if (may_hold_) {
      may_hold_ = false;
      return release();
    }
    return parts().chance.chance(1, 3) ? ask_and_withdraw() : ask();
  }

  // Now and then by a handle that is gone before the answer comes.
  void ask() {
    began();
    ++waits_;
    prng other = parts().chance;  // which of the rest it is does not depend on this
    static_cast<void>(other.next());
    const bool passing = other.chance(1, 4);
    const lock by = passing ? lock{used_->session, "odd lock"} : used_->door;
    by.try_acquire(std::chrono::milliseconds{parts().chance.below(500)})
        .then(
            [this, passing, g = generation_](const absl::StatusOr<std::optional<lock_grant>>& got) {
              --waits_;
              note_grant(got, g, !passing);
              finished(got.status());
            });
  }

  // The wait ends by the lock, by its patience, or by a change of mind a moment later.
  void ask_and_withdraw() {
    began();
    ++waits_;
    const auto open = std::make_shared<int>(2);
    const auto one_ends = [this, open](const absl::Status& s) {
      if (--*open == 0) finished(s);
    };
    used_->door.try_acquire(std::chrono::milliseconds{2'000})
        .then([=, this, g = generation_](const absl::StatusOr<std::optional<lock_grant>>& got) {
          --waits_;
          note_grant(got, g, true);
          one_ends(got.status());
        });
    const sim_duration doubt = parts().chance.below(800) * millisecond;
    at().after(doubt, parts().process, [=, this, g = generation_] {
      // Otherwise the session has ended, and the wait with it.
      if (g != generation_ || used_ == nullptr) return one_ends(absl::OkStatus());
      began();
      used_->door.cancel().then([=](const absl::StatusOr<bool>& r) { one_ends(r.status()); });
    });
  }

  void note_grant(
      const absl::StatusOr<std::optional<lock_grant>>& got,
      std::uint64_t generation,
      bool to_door) {
    if (generation != generation_) return;
    if (to_door && got.ok() && got->has_value()) used_->ears.granted(**got);
    if (!got.ok() || got->has_value()) may_hold_ = true;
  }

  void release() {
    began();
    prng other = parts().chance;  // which of the rest it is does not depend on this
    static_cast<void>(other.next());
    const lock& by = other.chance(1, 4) ? used_->side_door : used_->door;
    by.release().then([this, g = generation_](const absl::StatusOr<bool>& released) {
      if (!released.ok() && g == generation_) may_hold_ = true;
      finished(released.status());
    });
  }

  void listen() {
    const std::string key = a_word();
    wait_for(used_->ears.listen(parts().chance, key));
  }

  void remove_one() {
    switch (parts().chance.below(5)) {
      case 0:
        return wait_for(used_->word.remove());
      case 1:
        return wait_for(used_->number.remove());
      case 2:
        return wait_for(used_->door.remove());
      case 3:
        return wait_for(used_->office.remove());
      default:
        return wait_for(used_->pairs.remove());
    }
  }

  std::unique_ptr<objects> used_;
  bool may_hold_ = false;
  int waits_ = 0;                 // calls under way
  std::uint64_t generation_ = 0;  // of the session
};

}  // namespace

std::unique_ptr<program> make_various_program(program_parts parts, ledgers& /*books*/) {
  return std::make_unique<various_program>(std::move(parts));
}

}  // namespace atomix::sim
