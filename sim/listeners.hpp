// SPDX-License-Identifier: Apache-2.0
/// \file Whoever listens to handles, and what they must be told. What the cluster sends is the
/// witness's business; here it is about what handles make of it: who has dropped a subscription
/// hears no more, changes make sense and come in order, and what is lost was given last.
#pragma once

#include "sim/findings.hpp"

#include "resources/counter/counter.hpp"
#include "resources/election/election.hpp"
#include "resources/lock/lock.hpp"
#include "resources/map/map.hpp"
#include "resources/value/value.hpp"

#include "raft/base/prng.hpp"

#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace atomix::sim {

/// What one subscription is told. Every call of `hear` may be the last one.
class told_changes {
 public:
  told_changes(findings& f, std::string who) : findings_(f), who_(std::move(who)) {}

  /// Only changes of this key, or of this kind (or of the whole map at once), are wanted.
  void expect(std::optional<std::string> key, std::optional<map_change> kind) {
    key_ = std::move(key);
    kind_ = kind;
  }
  /// From now on it is told nothing.
  void drop() { wanted_ = false; }
  [[nodiscard]] bool is_wanted() const { return wanted_; }

  void hear(const value_change<std::string>& c) { check(c.index, c.status.ok()); }
  void hear(const counter_change& c) { check(c.index, true); }
  void hear(const election_change& c);
  void hear(const map_event<std::string, std::string>& c);

 private:
  void check(index_t at, bool makes_sense);
  [[nodiscard]] bool is_asked_for(const map_event<std::string, std::string>& c) const;

  findings& findings_;
  std::string who_;
  std::optional<std::string> key_;
  std::optional<map_change> kind_;
  bool wanted_ = true;
  index_t last_;
};

/// One client's: two subscriptions, so that one change may concern a session twice, and one
/// listener for each kind of loss.
class listeners {
 public:
  struct objects {
    const value<std::string>& word;
    const counter& number;
    const map<std::string, std::string>& pairs;
    const lock& door;
    const election& office;
  };
  listeners(findings& f, std::string who, const objects& to)
      : findings_(f), who_(std::move(who)), to_(to) {}
  listeners(const listeners&) = delete;
  listeners& operator=(const listeners&) = delete;
  ~listeners();

  /// Listens to something instead of what one of them listened to before; `key` is one of the
  /// map's. As often as not whoever hears of a change looks at what has changed, at once: he must
  /// see at least that.
  [[nodiscard]] future<void> listen(prng chance, const std::string& key);

  // What it was given last.
  void granted(lock_grant grant) { *grant_ = grant.token; }
  [[nodiscard]] std::function<void(index_t)> elected() const {
    return [last = epoch_](index_t epoch) {
      *last = epoch;
    };
  }

 private:
  using map_listener = std::function<void(const map_event<std::string, std::string>&)>;
  [[nodiscard]] subscription on_map(
      told_changes& told, prng chance, const std::string& key, map_listener hear) const;
  void hear_of_losses();

  findings& findings_;
  std::string who_;
  objects to_;
  std::array<subscription, 2> ears_;
  std::array<std::shared_ptr<told_changes>, 2> told_;
  std::shared_ptr<index_t> grant_ = std::make_shared<index_t>();
  std::shared_ptr<index_t> epoch_ = std::make_shared<index_t>();
  std::shared_ptr<bool> losses_;  // whether whoever hears of them wants to
  listening of_door_;
  listening of_office_;
};

}  // namespace atomix::sim
