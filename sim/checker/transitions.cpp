// SPDX-License-Identifier: Apache-2.0
#include "sim/checker/transitions.hpp"

#include <utility>

namespace atomix::checker {

transitions::transitions(model& m, const part& p) : model_(m), part_(p) {
  absl::flat_hash_map<std::uint64_t, std::vector<class_number>> by_hash;
  classes_.reserve(p.size());
  for (std::size_t i = 0; i < p.size(); ++i) {
    auto& candidates = by_hash[hash(p.at(i))];
    class_number found = ~0U;
    for (const class_number c : candidates)
      if (alike(p.at(representatives_[c]), p.at(i))) found = c;
    if (found == ~0U) {
      found = static_cast<class_number>(representatives_.size());
      representatives_.push_back(i);
      candidates.push_back(found);
    }
    classes_.push_back(found);
  }
  dense_ = representatives_.size() <= dense_max;
  number(m.initial());
}

bool transitions::alike(const operation& a, const operation& b) const {
  if (a.known != b.known || a.f != b.f || a.argument != b.argument || a.key != b.key) return false;
  if (a.known == certainty::ok && a.result != b.result) return false;
  return !model_.knows_callers() || (a.process == b.process && a.index == b.index);
}

std::uint64_t transitions::hash(const operation& op) const {
  std::uint64_t h = hash_of(op.argument) * 31 + static_cast<std::uint64_t>(op.known);
  if (!op.f.empty()) h = h * 31 + static_cast<unsigned char>(op.f.front()) + op.f.size() * 256;
  if (op.known == certainty::ok) h = h * 0x9e3779b97f4a7c15ULL + hash_of(op.result);
  return h;
}

state_number transitions::number(value state) {
  auto& candidates = numbers_[hash_of(state)];
  for (const state_number s : candidates)
    if (states_[s] == state) return s;
  const auto fresh = static_cast<state_number>(states_.size());
  candidates.push_back(fresh);
  states_.push_back(std::move(state));
  if (dense_) table_.resize(states_.size() * representatives_.size(), not_tried);
  return fresh;
}

state_number transitions::try_step(state_number from, class_number c) {
  const operation& op = part_.at(representatives_[c]);
  auto next = model_.step(states_[from], op);
  const state_number to = next ? number(*std::move(next)) : impossible;
  slot(from, c) = to;
  return to;
}

}  // namespace atomix::checker
