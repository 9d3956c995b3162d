// SPDX-License-Identifier: Apache-2.0
#include "sim/checker/search.hpp"

#include "sim/checker/configurations.hpp"
#include "sim/checker/timeline.hpp"

#include <algorithm>

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
      if (arrive()) return finish(verdict::valid);
      if (model_.hopeless(transitions_.state(state_), timeline_.position(at_)))
        note_stuck();
      else if (seen_.visit((std::uint64_t{at_} << 32U) | state_, words_))
        push();
    }
    return finish(verdict::invalid);
  }

 private:
  // A point where the order has to branch. The set and the counts are in `saved_`.
  struct frame {
    std::uint32_t at;
    state_number state;
    std::uint32_t choice;
    std::uint32_t order_size;
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

  void push() {
    note_stuck();
    stack_.push_back({at_, state_, 0, static_cast<std::uint32_t>(order_.size())});
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

  // Puts the next possible operation into the order: those that return first, by return.
  bool take_next_choice() {
    frame& f = stack_.back();
    const auto open = timeline_.open(at_);
    while (f.choice < open.size())
      if (take(open[f.choice++])) return true;
    const auto& endless = timeline_.endless();
    while (f.choice < open.size() + endless.size()) {
      const std::size_t i = f.choice++ - open.size();
      if (take_endless(endless[i], i)) return true;
    }
    return false;
  }
  bool take(const open_operation& o) {
    if (o.observes || in_order(o.slot)) return false;
    if (o.alike_slot != o.slot && !in_order(o.alike_slot)) return false;
    const state_number next = transitions_.step(state_, o.kind);
    if (next == transitions::impossible) return false;
    state_ = next;
    set_bit(o.slot);
    order_.push_back(o.number);
    return true;
  }
  bool take_endless(const endless_class& c, std::size_t i) {
    const std::size_t count = used(i);
    if (count >= c.numbers.size() || count >= 0xffffU) return false;
    if (part_.at(c.numbers[count]).call > timeline_.position(at_)) return false;
    const state_number next = transitions_.step(state_, c.kind);
    if (next == transitions::impossible || next == state_) return false;
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
  std::vector<std::uint32_t> order_;
  std::vector<frame> stack_;
  std::vector<std::uint64_t> saved_;
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
