// SPDX-License-Identifier: Apache-2.0
/// \file What the clients of a run were promised, and whether what they see agrees with it. Plain
/// bookkeeping in the order of virtual time: no client, no network. One ledger per resource, shared
/// by all clients.
#pragma once

#include "sim/findings.hpp"

#include "resources/consistency.hpp"

#include <absl/status/status.h>

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>

namespace atomix::sim {

/// A register that one client writes, with the numbers 1, 2, 3..., and all read. Absent is 0.
///
/// An atomic read is at least as new as every write and read that was complete when it was called.
/// A write of unknown outcome may show up at any later time; one that was refused never does.
class register_ledger {
 public:
  register_ledger(findings& f, std::string name) : findings_(f), name_(std::move(name)) {}

  [[nodiscard]] std::uint64_t begin_write() { return ++started_; }
  void end_write(std::uint64_t number, const absl::Status& status);

  /// What an atomic read called now must reach.
  [[nodiscard]] std::uint64_t floor() const { return floor_; }
  void end_atomic_read(std::uint64_t floor, std::uint64_t number, const std::string& client);
  /// A read of level sequential; `seen`: the newest that this session has seen.
  void end_sequential_read(std::uint64_t seen, std::uint64_t number, const std::string& client);

 private:
  void check(
      const char* property, std::uint64_t floor, std::uint64_t number, const std::string& client);

  findings& findings_;
  std::string name_;
  std::uint64_t started_ = 0;
  std::uint64_t floor_ = 0;          // newest complete write, or newer one already read atomically
  std::set<std::uint64_t> unknown_;  // may take effect at any time
  std::set<std::uint64_t> refused_;
};

/// A counter that everybody increments by one. Exactly once: at the end it stands between the
/// number of increments that were acknowledged and that plus those of unknown outcome.
class counter_ledger {
 public:
  counter_ledger(findings& f, std::string name) : findings_(f), name_(std::move(name)) {}

  void begin_add() { ++open_; }
  /// `floor` as `floor()` said when the increment was called.
  void end_add(
      std::int64_t floor, const absl::Status& status, std::int64_t result, const std::string& who);
  [[nodiscard]] std::int64_t floor() const { return floor_; }
  void end_read(std::int64_t floor, std::int64_t result, const std::string& who);

 private:
  [[nodiscard]] std::int64_t most() const { return acknowledged_ + unknown_ + open_; }

  findings& findings_;
  std::string name_;
  std::int64_t acknowledged_ = 0;
  std::int64_t unknown_ = 0;
  std::int64_t open_ = 0;           // called, not answered
  std::int64_t floor_ = 0;          // highest result of a complete call
  std::set<std::int64_t> results_;  // of increments: no two get the same
};

/// Something that one client at a time may hold: a lock, an office. A holder whose session is not
/// connected does not trust in it; one whose session lives and is connected is alone.
class exclusive_ledger {
 public:
  /// Whether a client that is connected must have a session that lives. If not, it may believe that
  /// it holds what others were given already: then only the tokens are a promise.
  using trust = std::function<bool(const std::string& client)>;
  exclusive_ledger(findings& f, std::string name, trust reliable)
      : findings_(f), name_(std::move(name)), reliable_(std::move(reliable)) {}

  /// `client` was told that it holds it now, by `token`. (The news may come before it knows that
  /// its session is connected again.)
  void granted(const std::string& client, std::uint64_t token, bool is_connected);
  /// It gives it up (from the call on), or knows that it is lost.
  void given_up(const std::string& client) { holders_.erase(client); }
  /// The state of the client's session changed while it may hold.
  void connected(const std::string& client, bool is_connected);
  [[nodiscard]] std::uint64_t grants() const { return grants_; }

 private:
  struct holder {
    std::uint64_t token = 0;
    bool connected = true;
  };
  void check_alone(const std::string& client);

  findings& findings_;
  std::string name_;
  std::map<std::string, holder> holders_;
  std::uint64_t last_token_ = 0;
  std::uint64_t grants_ = 0;
  trust reliable_;
};

}  // namespace atomix::sim
