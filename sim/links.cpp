// SPDX-License-Identifier: Apache-2.0
#include "sim/links.hpp"

#include <bit>

namespace atomix::sim {

host_id links::add_host(const std::string& name) {
  const host_id added = up_.size();
  by_name_[name] = added;
  up_.push_back(true);
  directions_.emplace_back();
  for (auto& row : directions_) {
    while (row.size() < up_.size()) {
      row.emplace_back();
      row.back().key = chance_.next();
    }
  }
  return added;
}

host_id links::find(const std::string& name) const {
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? up_.size() : found->second;
}

void links::set_quality(host_id from, host_id to, const link_quality& quality) {
  direction(from, to).special = true;
  direction(from, to).quality = quality;
}

void links::reset_quality(host_id from, host_id to) {
  direction(from, to).special = false;
}

const link_quality& links::quality(host_id from, host_id to) const {
  const direction_state& one = directions_[from][to];
  return one.special ? one.quality : normal_;
}

bool links::passes(host_id from, host_id to) const {
  return directions_[from][to].blocks == 0 && up_[from] && up_[to];
}

prng links::noise(host_id from, host_id to) {
  direction_state& one = direction(from, to);
  prng mixer{one.key + ++one.count * 0x9e3779b97f4a7c15ULL};
  return mixer.fork();
}

sim_duration links::delay(host_id from, host_id to, prng& noise) const {
  constexpr sim_duration calm_delay = 1 * millisecond;
  const direction_state& one = directions_[from][to];
  if (calm_ && !one.special) return calm_delay;
  const link_quality& q = quality(from, to);
  return q.base + draw_exponential(noise, q.tail);
}

sim_duration draw_exponential(prng& chance, sim_duration mean) {
  // The number of leading zeros of a random word is geometric: an exponential in steps of a half
  // life, ln 2 of the mean. The fraction within a step is drawn evenly.
  const auto halves = static_cast<std::uint64_t>(std::countl_zero(chance.next()));
  const std::uint64_t thousandths = halves * 1'000 + chance.below(1'000);
  const sim_duration half_life = mean * 693 / 1'000;
  return half_life * thousandths / 1'000;
}

}  // namespace atomix::sim
