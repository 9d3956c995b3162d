// SPDX-License-Identifier: Apache-2.0
#include "sim/ledgers.hpp"

#include <absl/strings/str_cat.h>

#include <algorithm>

namespace atomix::sim {

void register_ledger::end_write(std::uint64_t number, const absl::Status& status) {
  switch (certainty_of(status)) {
    case certainty::done:
      floor_ = std::max(floor_, number);
      return;
    case certainty::not_done:
      refused_.insert(number);
      return;
    case certainty::unknown:
      unknown_.insert(number);
      return;
  }
}

void register_ledger::end_atomic_read(
    std::uint64_t floor, std::uint64_t number, const std::string& client) {
  check("atomic read", floor, number, client);
  floor_ = std::max(floor_, number);
}

void register_ledger::end_sequential_read(
    std::uint64_t seen, std::uint64_t number, const std::string& client) {
  check("sequential read", seen, number, client);
}

void register_ledger::check(
    const char* property, std::uint64_t floor, std::uint64_t number, const std::string& client) {
  if (number > started_) {
    findings_.add(
        property, absl::StrCat(name_, " showed ", number, ", which nobody wrote"), client);
  }
  if (refused_.contains(number)) {
    findings_.add(
        property,
        absl::StrCat(name_, " showed ", number, ", whose write was said to have no effect"),
        client);
  }
  if (number < floor && !unknown_.contains(number)) {
    findings_.add(
        property,
        absl::StrCat(name_, " showed ", number, " after ", floor, " had been there"),
        client);
  }
}

void counter_ledger::end_add(
    std::int64_t floor, const absl::Status& status, std::int64_t result, const std::string& who) {
  --open_;
  switch (certainty_of(status)) {
    case certainty::not_done:
      return;
    case certainty::unknown:
      ++unknown_;
      return;
    case certainty::done:
      break;
  }
  ++acknowledged_;
  if (!results_.insert(result).second)
    findings_.add("counter", absl::StrCat(name_, " gave ", result, " to two increments"), who);
  if (result <= floor) {
    findings_.add(
        "counter", absl::StrCat(name_, " gave ", result, " after it had been ", floor), who);
  }
  if (result > most())
    findings_.add("counter", absl::StrCat(name_, " gave ", result, ", more than were asked"), who);
  floor_ = std::max(floor_, result);
}

void counter_ledger::end_read(std::int64_t floor, std::int64_t result, const std::string& who) {
  if (result < std::max(floor, std::int64_t{0})) {
    findings_.add(
        "counter",
        absl::StrCat(name_, " showed ", result, " after it had been ", floor, ": updates lost"),
        who);
  }
  if (result > most()) {
    findings_.add(
        "counter",
        absl::StrCat(
            name_,
            " showed ",
            result,
            " after ",
            acknowledged_,
            " acknowledged, ",
            unknown_,
            " unknown and ",
            open_,
            " open increments: one was applied twice"),
        who);
  }
  floor_ = std::max(floor_, result);
}

void exclusive_ledger::granted(const std::string& client, std::uint64_t token, bool is_connected) {
  ++grants_;
  // Who stood still, or whose session a clock that jumped has ended, hears of a grant too late.
  if (token == last_token_ || (token < last_token_ && reliable_(client))) {
    findings_.add(
        "fencing token",
        absl::StrCat(name_, " was granted by token ", token, " after token ", last_token_),
        client);
  }
  last_token_ = std::max(last_token_, token);
  holders_[client] = {token, is_connected};
  if (is_connected) check_alone(client);
}

void exclusive_ledger::connected(const std::string& client, bool is_connected) {
  const auto held = holders_.find(client);
  if (held == holders_.end()) return;
  held->second.connected = is_connected;
  if (is_connected) check_alone(client);
}

void exclusive_ledger::check_alone(const std::string& client) {
  for (const auto& [other, held] : holders_) {
    if (other == client || !held.connected) continue;
    if (!reliable_(client) || !reliable_(other)) continue;
    findings_.add(
        "mutual exclusion",
        absl::StrCat(
            name_, " is held by ", other, " (token ", held.token, ") as well, both connected"),
        client);
  }
}

}  // namespace atomix::sim
