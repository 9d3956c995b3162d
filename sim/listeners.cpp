// SPDX-License-Identifier: Apache-2.0
#include "sim/listeners.hpp"

#include <utility>

namespace atomix::sim {
namespace {

using text_map_event = map_event<std::string, std::string>;

constexpr consistency level = consistency::sequential;  // of those who look again

bool makes_sense(const text_map_event& c) {
  const bool was = c.old_value.has_value();
  const bool is = c.new_value.has_value();
  switch (c.kind) {
    case map_change::added:
      return c.key && !was && is && !c.expired;
    case map_change::updated:
      return c.key && was && is && !c.expired;
    case map_change::removed:
      return c.key && was && !is;
    case map_change::cleared:
      return !c.key && !was && !is && !c.expired;
  }
  return false;
}

}  // namespace

void told_changes::hear(const election_change& c) {
  // Given there; larger than the index if it is the second one given there.
  check(c.index, !c.leader || c.leader->epoch >= c.index);
}

void told_changes::hear(const text_map_event& c) {
  check(c.index, c.status.ok() && makes_sense(c) && is_asked_for(c));
}

bool told_changes::is_asked_for(const text_map_event& c) const {
  const bool all = c.kind == map_change::cleared;
  if (key_ && !all && c.key != key_) return false;
  return !kind_ || c.kind == *kind_ || (all && *kind_ == map_change::removed);
}

void told_changes::check(index_t at, bool makes_sense) {
  if (!wanted_) findings_.add("events", "told to who has dropped it", who_);
  if (!makes_sense) findings_.add("events", "told of a change that makes no sense", who_);
  if (at.is_none() || at < last_) findings_.add("events", "told of changes in disorder", who_);
  last_ = at;
}

listeners::~listeners() {
  for (const auto& told : told_)
    if (told != nullptr) told->drop();
}

future<void> listeners::listen(prng chance, const std::string& key) {
  const bool looks = prng{chance}.fork().chance(1, 2);  // whatever else is drawn
  const std::size_t which = chance.below(2);
  const auto told = std::make_shared<told_changes>(findings_, who_);
  const auto before = std::exchange(told_[which], told);
  const auto hear_and = [told, looks](const auto& look) {
    return [told, looks, look](const auto& change) {
      told->hear(change);
      if (looks && told->is_wanted()) static_cast<void>(look());
    };
  };
  subscription& ear = ears_[which];
  switch (chance.below(5)) {
    case 0:
      ear = to_.word.on_change(hear_and([this] { return to_.word.get(level); }));
      break;
    case 1:
      ear = to_.number.on_change(hear_and([this] { return to_.number.get(level); }));
      break;
    case 2:
      ear = to_.office.on_change(hear_and([this] { return to_.office.leader(level); }));
      break;
    default:
      ear = on_map(*told, chance, key, hear_and([this] { return to_.pairs.entries(level); }));
      break;
  }
  if (before != nullptr) before->drop();
  hear_of_losses();
  return ear.ready();
}

subscription listeners::on_map(
    told_changes& told, prng chance, const std::string& key, map_listener hear) const {
  const auto& pairs = to_.pairs;
  const bool one = chance.chance(1, 2);
  const std::optional<std::string> only = one ? std::optional{key} : std::nullopt;
  switch (chance.below(6)) {
    case 0:
      told.expect(only, map_change::added);
      return one ? pairs.on_add(key, std::move(hear)) : pairs.on_add(std::move(hear));
    case 1:
      told.expect(only, map_change::updated);
      return one ? pairs.on_update(key, std::move(hear)) : pairs.on_update(std::move(hear));
    case 2:
      told.expect(only, map_change::removed);
      return one ? pairs.on_remove(key, std::move(hear)) : pairs.on_remove(std::move(hear));
    default:
      told.expect(only, std::nullopt);
      return one ? pairs.on_change(key, std::move(hear)) : pairs.on_change(std::move(hear));
  }
}

void listeners::hear_of_losses() {
  const auto wanted = std::make_shared<bool>(true);
  const auto lost = [&found = findings_, who = who_, wanted](index_t what, index_t given) {
    if (!*wanted) found.add("events", "loss told to who has dropped it", who);
    if (what != given) found.add("events", "told of the loss of what was lost before", who);
  };
  of_door_ =
      to_.door.on_lost([lost, given = grant_](lock_grant last) { lost(last.token, *given); });
  // Without an epoch it was a candidate only.
  of_office_ = to_.office.on_lost([lost, given = epoch_](index_t epoch) {
    if (!epoch.is_none()) lost(epoch, *given);
  });
  const auto before = std::exchange(losses_, wanted);
  if (before != nullptr) *before = false;
}

}  // namespace atomix::sim
