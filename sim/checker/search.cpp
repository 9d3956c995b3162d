// SPDX-License-Identifier: Apache-2.0
#include "sim/checker/search.hpp"

#include "sim/checker/configurations.hpp"
#include "sim/checker/timeline.hpp"

#include <algorithm>
#include <optional>

namespace atomix::checker {
namespace {

constexpr std::size_t states_shown_max = 6;

class searcher {
 public:
  searcher(model& m, const part& p, const search_limits& limits)
      : model_(m),
        part_(p),
        limits_(limits),
        transitions_(m, p),
        timeline_(m, p, transitions_),
        set_words_((timeline_.slot_count() + 63) / 64),
        width_(set_words_ + (timeline_.endless().size() + 3) / 4),
        seen_(set_words_, width_ - set_words_),
        words_(width_, 0),
        state_(transitions_.initial()) {}

  search_outcome run() {
    if (arrive()) return finish(verdict::valid);
    push();
    while (!stack_.empty()) {
      if (out_of_limits()) return finish(verdict::unknown);
      restore();
      if (!take_next_choice()) {
        leave();
        continue;
      }
      const std::size_t ordered = order_.size();
      if (arrive()) return finish(verdict::valid);
      if (order_.size() > ordered) endless_before_.reset();  // somebody saw it
      if (hopeless()) {
        note_stuck();
      } else if (seen_.visit((std::uint64_t{at_} << 32U) | state_, words_)) {
        push();
      }
    }
    return finish(verdict::invalid);
  }

 private:
  // An operation that never returned was put into the order.
  struct endless_step {
    state_number before;
    class_number kind;
  };

  // A point where the order has to branch. The set and the counts are in `saved_`.
  struct frame {
    std::uint32_t at;
    state_number state;
    std::uint32_t choice;
    std::uint32_t order_size;
    std::optional<endless_step> by;  // the step that led here, unless something was observed since
  };

  [[nodiscard]] bool in_order(std::uint32_t slot) const {
    return ((words_[slot / 64] >> (slot % 64)) & 1U) != 0;
  }
  void set_bit(std::uint32_t slot) { words_[slot / 64] |= std::uint64_t{1} << (slot % 64); }
  void clear_bit(std::uint32_t slot) { words_[slot / 64] &= ~(std::uint64_t{1} << (slot % 64)); }
  [[nodiscard]] std::size_t used(std::size_t endless) const {
    return (words_[set_words_ + endless / 4] >> (endless % 4 * 16)) & 0xffffU;
  }

  // Passes all returns of operations that are in the order. True at the end of the history; else
  // the next return needs a decision.
  bool arrive() {
    for (; at_ < timeline_.length(); ++at_) {
      const auto open = timeline_.open(at_);
      if (!in_order(open.front().slot)) {
        observe(open);
        if (!in_order(open.front().slot)) return false;
      }
      clear_bit(open.front().slot);
    }
    return true;
  }

  // What only observes and fits now loses nothing by being next.
  void observe(std::span<const open_operation> open) {
    for (const open_operation& o : open) {
      if (!o.observes || in_order(o.slot)) continue;
      if (transitions_.step(state_, o.kind) == transitions::impossible) continue;
      set_bit(o.slot);
      order_.push_back(o.number);
    }
  }

  bool hopeless() {
    waiting_.clear();
    for (const open_operation& o : timeline_.open(at_))
      if (!in_order(o.slot)) waiting_.push_back(o.number);
    return model_.hopeless(transitions_.state(state_), {timeline_.position(at_), waiting_});
  }

  void push() {
    note_stuck();
    stack_.push_back({at_, state_, 0, static_cast<std::uint32_t>(order_.size()), endless_before_});
    saved_.insert(saved_.end(), words_.begin(), words_.end());
  }
  void restore() {
    const frame& f = stack_.back();
    at_ = f.at;
    state_ = f.state;
    order_.resize(f.order_size);
    std::copy(saved_.end() - static_cast<std::ptrdiff_t>(width_), saved_.end(), words_.begin());
  }
  void leave() {
    stack_.pop_back();
    saved_.resize(saved_.size() - width_);
  }

  // Puts the next possible operation into the order: first those that make way for the one that
  // returns next, if it does not fit; then by return; then those that never return.
  bool take_next_choice() {
    frame& f = stack_.back();
    const auto open = timeline_.open(at_);
    const auto tries = timeline_.tries(at_);
    const auto& endless = timeline_.endless();
    const std::size_t all = open.size() + endless.size();
    const class_number wanted = open.front().kind;
    const bool fits = transitions_.step(state_, wanted) != transitions::impossible;
    if (fits && f.choice < all) f.choice = static_cast<std::uint32_t>(all);
    while (f.choice < 2 * all) {
      const bool early = f.choice < all;
      const std::size_t next = f.choice++ % all;
      const bool returns = next < open.size();
      const std::size_t i = returns ? tries[next] : next;
      if (!fits
          && makes_way(returns ? open[i].kind : endless[i - open.size()].kind, wanted) != early)
        continue;
      if (returns ? take(open[i]) : take_endless(endless[i - open.size()], i - open.size()))
        return true;
    }
    return false;
  }
  bool makes_way(class_number kind, class_number wanted) {
    const state_number next = transitions_.step(state_, kind);
    return next != transitions::impossible
           && transitions_.step(next, wanted) != transitions::impossible;
  }
  bool take(const open_operation& o) {
    if (o.observes || in_order(o.slot)) return false;
    if (o.alike_slot != o.slot && !in_order(o.alike_slot)) return false;
    const state_number next = transitions_.step(state_, o.kind);
    if (next == transitions::impossible || without_endless(o.kind, next)) return false;
    endless_before_.reset();
    state_ = next;
    set_bit(o.slot);
    order_.push_back(o.number);
    return true;
  }
  // What never returned need not be in the order right before an operation that leads to the same
  // state without it, nor before one that it can follow as well: it may happen as late as it likes.
  // Then the branch without it, or with it later, finds all that this one could.
  bool without_endless(class_number kind, state_number next) {
    const auto& by = stack_.back().by;
    if (!by) return false;
    const state_number instead = transitions_.step(by->before, kind);
    if (instead == transitions::impossible) return false;
    return instead == next || transitions_.step(instead, by->kind) == next;
  }
  bool take_endless(const endless_class& c, std::size_t i) {
    const std::size_t count = used(i);
    if (count >= c.numbers.size() || count >= 0xffffU) return false;
    if (part_.at(c.numbers[count]).call > timeline_.position(at_)) return false;
    const state_number next = transitions_.step(state_, c.kind);
    if (next == transitions::impossible || next == state_) return false;
    const auto& by = stack_.back().by;
    if (by && transitions_.step(by->before, c.kind) == next)
      return false;  // that one is not needed
    endless_before_ = endless_step{state_, c.kind};
    state_ = next;
    words_[set_words_ + i / 4] += std::uint64_t{1} << (i % 4 * 16);
    order_.push_back(c.numbers[count]);
    return true;
  }

  void note_stuck() {
    if (!deepest_known_ || at_ > deepest_) {
      deepest_known_ = true;
      deepest_ = at_;
      best_order_ = order_;
      stuck_states_.clear();
    }
    if (at_ != deepest_ || stuck_states_.size() >= states_shown_max) return;
    if (std::find(stuck_states_.begin(), stuck_states_.end(), state_) == stuck_states_.end())
      stuck_states_.push_back(state_);
  }

  [[nodiscard]] bool out_of_limits() {
    if (seen_.size() >= limits_.configurations) return true;
    constexpr std::size_t rounds = 1024;  // may be a system call
    return ++round_ % rounds == 0 && limits_.stop && limits_.stop();
  }

  search_outcome finish(verdict answer) {
    search_outcome result;
    result.answer = answer;
    result.configurations = seen_.size();
    const auto& order = answer == verdict::valid ? order_ : best_order_;
    result.order.assign(order.begin(), order.end());
    if (answer == verdict::valid || !deepest_known_) return result;
    result.stuck = timeline_.open(deepest_).front().number;
    for (const state_number s : stuck_states_)
      result.states.push_back(transitions_.state(s));
    return result;
  }

  model& model_;
  const part& part_;
  const search_limits& limits_;
  transitions transitions_;
  timeline timeline_;
  std::size_t set_words_, width_;
  configurations seen_;

  std::uint32_t at_ = 0;              // the return that comes next
  std::vector<std::uint64_t> words_;  // set of open operations in the order, then counts
  state_number state_;
  std::optional<endless_step> endless_before_;
  std::vector<std::uint32_t> order_;
  std::vector<frame> stack_;
  std::vector<std::uint64_t> saved_;
  std::vector<std::uint32_t> waiting_;
  std::size_t round_ = 0;

  bool deepest_known_ = false;
  std::uint32_t deepest_ = 0;
  std::vector<std::uint32_t> best_order_;
  std::vector<state_number> stuck_states_;
};

}  // namespace

search_outcome search(model& m, const part& p, const search_limits& limits) {
  m.study(p);
  return searcher{m, p, limits}.run();
}

}  // namespace atomix::checker
