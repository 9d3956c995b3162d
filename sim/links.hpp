// SPDX-License-Identifier: Apache-2.0
/// \file How well each host hears each other one: delay, loss, repetition, partitions, power.
#pragma once

#include "sim/world.hpp"

#include "raft/base/prng.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace atomix::sim {

/// A machine of the simulated network: a replica's or a client's.
using host_id = std::size_t;

/// One direction between two hosts. Units: parts per million of frames.
struct link_quality {
  sim_duration base = 200 * microsecond;  ///< least one-way delay
  sim_duration tail = 100 * microsecond;  ///< mean of the exponential rest
  std::uint32_t lost_ppm = 0;
  std::uint32_t repeated_ppm = 0;
  std::uint32_t reordered_ppm = 0;  ///< take a delay of their own instead of queueing
  std::uint32_t corrupt_ppm = 0;    ///< a bit flips; the frame's checksum notices
  [[nodiscard]] bool harms_frames() const {
    return (lost_ppm | repeated_ppm | reordered_ppm | corrupt_ppm) != 0;
  }
};

/// What became of what was sent in one direction, in writes or frames.
struct link_counts {
  std::uint64_t carried = 0;
  std::uint64_t swallowed = 0;
  std::uint64_t harmed = 0;  ///< lost, repeated, overtaken, altered
};

/// Every ordered pair of hosts. Faults may overlap: a pair is open when nobody blocks it any more.
class links {
 public:
  explicit links(const world& w) : chance_(w.chance_for("links")) {}

  [[nodiscard]] host_id add_host(const std::string& name);
  [[nodiscard]] std::size_t hosts() const { return up_.size(); }
  /// The host called `name`, or `hosts()`.
  [[nodiscard]] host_id find(const std::string& name) const;

  void set_normal(const link_quality& quality) { normal_ = quality; }
  [[nodiscard]] const link_quality& normal() const { return normal_; }
  void set_quality(host_id from, host_id to, const link_quality& quality);
  void reset_quality(host_id from, host_id to);
  [[nodiscard]] const link_quality& quality(host_id from, host_id to) const;

  void block(host_id from, host_id to) { ++direction(from, to).blocks; }
  void unblock(host_id from, host_id to) { --direction(from, to).blocks; }
  void set_power(host_id host, bool on) { up_[host] = on; }
  [[nodiscard]] bool has_power(host_id host) const { return up_[host]; }
  /// Whether bytes get through at this moment.
  [[nodiscard]] bool passes(host_id from, host_id to) const;

  [[nodiscard]] link_counts& counts(host_id from, host_id to) { return direction(from, to).counts; }

  /// Noise for the next thing that happens in this direction, a generator of its own: a fault here
  /// changes what is drawn, not what the things after it draw.
  [[nodiscard]] prng noise(host_id from, host_id to);
  /// The time that something takes now in this direction.
  [[nodiscard]] sim_duration delay(host_id from, host_id to, prng& noise) const;
  [[nodiscard]] sim_duration delay(host_id from, host_id to) {
    prng own = noise(from, to);
    return delay(from, to, own);
  }
  /// Everything takes equally long, and reads find whole writes.
  void set_calm(bool calm) { calm_ = calm; }
  [[nodiscard]] bool calm() const { return calm_; }

 private:
  struct direction_state {
    std::uint64_t key = 0;    // of its noise
    std::uint64_t count = 0;  // of things that drew noise
    int blocks = 0;
    bool special = false;
    link_quality quality;
    link_counts counts;
  };
  [[nodiscard]] direction_state& direction(host_id from, host_id to) {
    return directions_[from][to];
  }

  prng chance_;
  link_quality normal_;
  bool calm_ = false;
  std::map<std::string, host_id> by_name_;
  std::vector<bool> up_;
  std::vector<std::vector<direction_state>> directions_;  // [from][to]
};

/// Exponentially distributed around `mean`, in integers: equal on every machine. At most 64 means.
[[nodiscard]] sim_duration draw_exponential(prng& chance, sim_duration mean);

}  // namespace atomix::sim
