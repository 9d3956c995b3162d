// SPDX-License-Identifier: Apache-2.0
#include "sim/shrink.hpp"

#include "sim/knobs.hpp"
#include "sim/scenario_moves.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace atomix::sim {
namespace {

class shrinker {
 public:
  shrinker(
      const scenario& failing,
      const violation& found,
      const run_options& options,
      const shrink_limits& limits)
      : options_(options),
        limits_(limits),
        result_{failing, found, 0},
        failing_(failing),
        chance_(failing.seed) {
    options_.trace = nullptr;
    options_.checkpoints = false;
  }

  shrunk carry_out() {
    descend();
    look_elsewhere();
    noises_ = noises_max;
    while (!over() && make_smaller()) {
    }
    return std::move(result_);
  }

 private:
  // Where a violation needs a coincidence, leaving out any one thing shifts what comes after it,
  // and heals it; not because that thing mattered. With other noise the coincidence may come back.
  // What takes much away is worth as many tries at once, other steps when nothing else is left.
  static constexpr std::uint64_t noises_max = 8;
  // Parts of the scenario that are tried, where it cannot be made small as a whole.
  static constexpr std::size_t parts_max = 1'000;
  // Items are left out one by one where a list is no longer than that: of a longer one nothing but
  // single items can go, and each costs as many tries as it is long.
  static constexpr std::size_t chunks_max = 48;

  // What comes first makes every later try cheaper.
  bool make_smaller() {
    const sim_time before = best().time;
    cut_time();
    skip_time();
    bool smaller = remove_clients();
    smaller |= remove_replicas();
    smaller |= thin_out_calls();
    smaller |= remove_from([](scenario & s) -> auto& { return s.faults.faults; });
    smaller |= remove_from([](scenario & s) -> auto& { return s.calls; });
    smaller |= leave_one_call();
    smaller |= calm_down();
    smaller |= turn_back_knobs();
    shorten_faults();
    begin_earlier();
    // Milliseconds alone are not worth another round: with yet other noise there are always some.
    return smaller || best().time < before / 8 * 7;
  }

  void descend() {
    noises_ = 1;
    while (!over() && make_smaller()) {
    }
  }

  // Small steps end where nothing but a coincidence of all that is left keeps the violation. What
  // breaks the same promise elsewhere in the scenario may need less.
  void look_elsewhere() {
    const std::size_t left = limits_.tries_max - std::min(limits_.tries_max, result_.tries);
    const std::size_t count = std::min(parts_max, left / 2);
    for (std::size_t i = 0; i < count && !over() && !has_few(best()); ++i) {
      const shrunk smallest = result_;
      if (!fails(part_of(failing_, chance_))) continue;
      descend();
      if (size_of(best()) >= size_of(smallest.smallest)) {
        result_.smallest = smallest.smallest;
        result_.found = smallest.found;
      }
    }
  }

  static std::size_t size_of(const scenario& s) {
    return s.cluster.replicas + s.cluster.clients + s.faults.faults.size() + s.calls.size();
  }

  [[nodiscard]] std::uint64_t few_noises() const { return std::max(noises_, noises_max / 2); }
  [[nodiscard]] scenario& best() { return result_.smallest; }
  [[nodiscard]] bool over() const {
    return result_.tries >= limits_.tries_max || (limits_.out_of_time && limits_.out_of_time());
  }

  [[nodiscard]] bool same(const violation& v) const {
    if (v.property != result_.found.property) return false;
    // Any invariant may break; only the one at the same line is the same.
    return v.property != "invariant" || v.where == result_.found.where;
  }

  bool attempt(scenario candidate) { return attempt(std::move(candidate), noises_); }

  bool attempt(scenario candidate, std::uint64_t noises) {
    const std::uint64_t seed = candidate.seed;
    for (std::uint64_t noise = 0; noise < noises && !over(); ++noise) {
      candidate.seed = seed + noise;
      if (fails(candidate)) return true;
    }
    return false;
  }

  // Then it is the best so far.
  bool fails(const scenario& candidate) {
    ++result_.tries;
    // Where it was found while faults were on, the calm end is not waited for.
    options_.calm_end = result_.found.at >= best().time || candidate.time < best().time;
    run_report report = run(candidate, options_);
    if (report.ok() || !same(report.violations.front())) return false;
    result_.found = std::move(report.violations.front());
    result_.smallest = candidate;
    if (limits_.progress) limits_.progress(result_.smallest, result_.tries);
    return true;
  }

  // What comes behind the violation explains nothing. One that is found in the calm end needs the
  // time before it, but perhaps not all of it.
  void cut_time() {
    cut_what_follows();
    while (best().time > 100 * millisecond
           && attempt(ending_at(best(), best().time / 2), noises_max))
      cut_what_follows();
    for (const std::uint64_t eighths : {7U, 6U, 5U})
      attempt(ending_at(best(), best().time / 8 * eighths));
  }

  void cut_what_follows() {
    const sim_time end = result_.found.at + 1 * millisecond;
    if (end < best().time) attempt(ending_at(best(), end), 1);
  }

  // Most of what a violation needs happened shortly before it, or a long time before.
  void skip_time() {
    for (const std::uint64_t share : {2U, 4U, 8U})
      skip_windows(best().time / share, std::max(noises_, noises_max / share));
  }

  void skip_windows(sim_duration window, std::uint64_t noises) {
    sim_time begin = 0;
    while (window > 100 * millisecond && begin + window <= best().time && !over()) {
      if (attempt(without_time(best(), begin, begin + window), noises)) {
        cut_what_follows();
      } else {
        begin += window;
      }
    }
  }

  // Chunks leave silence behind. Some violations need traffic, but not so much of it.
  bool thin_out_calls() {
    bool smaller = false;
    for (const std::uint64_t share : {16U, 4U, 2U}) {
      while (best().calls.size() > share
             && (attempt(with_one_call_of(best(), share), few_noises())
                 || fill_sooner(with_one_call_of(best(), share))))
        smaller = true;
    }
    return smaller;
  }

  bool fill_sooner(const scenario& fewer_calls) {
    return fewer_calls.cluster.segment_bytes > segment_bytes_min
           && attempt(with_small_segments(fewer_calls), few_noises());
  }

  // A quiet time before the first fault or call explains nothing either.
  void begin_earlier() {
    for (sim_duration by = first_start(best()); by > 100 * millisecond; by /= 2) {
      if (by <= first_start(best())) attempt(begun_earlier(best(), by));
    }
  }

  template <class List>
  bool remove_from(List list_of) {
    bool smaller = false;
    std::size_t chunk = std::max<std::size_t>(1, list_of(best()).size() / 2);
    while (chunk > 0 && !over()) {
      bool removed = false;
      // From the end: what came last matters least for getting there, most for what is seen.
      for (std::size_t end = list_of(best()).size(); end > 0 && !over();) {
        const std::size_t begin = end > chunk ? end - chunk : 0;
        const std::size_t last = std::min(end, list_of(best()).size());
        const std::uint64_t share =
            noises_max * chunk / std::max<std::size_t>(1, list_of(best()).size());
        removed |= attempt(
            without_items(best(), list_of, std::min(begin, last), last),
            std::clamp(share, noises_, noises_max));
        end = begin;
      }
      smaller |= removed;
      if (!removed || chunk > 1) chunk /= 2;
      if (chunk * chunks_max < list_of(best()).size()) break;
    }
    return smaller;
  }

  bool leave_one_call() {
    auto fewer = with_one_call_before_a_fault(best());
    return std::any_of(
        fewer.begin(), fewer.end(), [&](scenario& each) { return attempt(std::move(each)); });
  }

  bool remove_clients() {
    bool smaller = false;
    for (std::size_t i = best().cluster.clients; i-- > 0 && best().cluster.clients > 1;)
      smaller |= attempt(without_client(best(), i), few_noises());
    return smaller;
  }

  bool remove_replicas() {
    bool smaller = false;
    while (best().cluster.replicas > 1 && attempt(without_last_replica(best()), few_noises()))
      smaller = true;
    return smaller;
  }

  bool calm_down() {
    bool smaller = false;
    if (!best().calm_noise) smaller = attempt(calmed(best()));
    if (best().core != ~std::uint64_t{0}) {
      scenario candidate = best();
      candidate.core = ~std::uint64_t{0};
      smaller |= attempt(std::move(candidate));
    }
    if (best().cluster.drift_ppm != 0) {
      scenario candidate = best();
      candidate.cluster.drift_ppm = 0;
      smaller |= attempt(std::move(candidate));
    }
    return smaller;
  }

  bool turn_back_knobs() {
    const auto turn_back_one = [&] {
      auto usual = more_usual(best());
      return std::any_of(
          usual.begin(), usual.end(), [&](scenario& each) { return attempt(std::move(each)); });
    };
    bool smaller = false;
    while (turn_back_one())
      smaller = true;
    return smaller;
  }

  void shorten_faults() {
    for (std::size_t i = 0; i < best().faults.faults.size(); ++i) {
      while (best().faults.faults[i].duration > 2 * millisecond) {
        scenario candidate = best();
        candidate.faults.faults[i].duration /= 2;
        if (!attempt(std::move(candidate))) break;
      }
    }
  }

  run_options options_;
  const shrink_limits& limits_;
  std::uint64_t noises_ = 1;  ///< tried for each thing left out
  shrunk result_;
  const scenario& failing_;
  prng chance_;  ///< picks parts of it
};

}  // namespace

shrunk shrink(
    const scenario& failing,
    const violation& found,
    const run_options& options,
    const shrink_limits& limits) {
  return shrinker{failing, found, options, limits}.carry_out();
}

}  // namespace atomix::sim
