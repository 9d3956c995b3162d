// SPDX-License-Identifier: Apache-2.0
/// \file The clients of a run: each has a session and programs that use resources through the
/// public handles, in virtual time, checking what they see as they go.
#pragma once

#include "sim/client_machines.hpp"
#include "sim/findings.hpp"
#include "sim/history.hpp"
#include "sim/ledgers.hpp"
#include "sim/scenario.hpp"
#include "sim/world.hpp"

#include "resources/invoker.hpp"

#include "raft/base/prng.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace atomix::sim {

class recording_invoker;
class subject;

struct workload_counts {
  std::uint64_t calls = 0;
  std::uint64_t acknowledged = 0;
  std::uint64_t failed = 0;
  std::uint64_t unknown = 0;
  std::uint64_t sessions = 0;
};

/// What a program is given. References outlive it.
struct program_parts {
  world& at;
  findings& found;
  workload_counts& counts;
  process_id process;
  std::string client;
  std::size_t number = 0;            ///< of the client
  std::size_t clients = 1;           ///< how many there are
  std::size_t position = 0;          ///< of the program, in `topic::programs`
  prng chance{0};                    ///< of the call under way
  std::function<void()> leave = {};  ///< closes the client's session; it gets another one
};

/// One client's use of one kind of resource: the calls that are planned, one at a time, until told
/// to stop; then a last one that checks the outcome.
class program {
 public:
  explicit program(program_parts parts) : parts_(std::move(parts)) {}
  program(const program&) = delete;
  program& operator=(const program&) = delete;
  virtual ~program() = default;

  /// The client has a (new) session: take handles from it.
  virtual void bind(const std::shared_ptr<invoker>& session) = 0;
  void tell_session(session_state state) {
    connected_ = state == session_state::connected;
    over_ = state == session_state::expired || state == session_state::closed;
    if (over_) ++ended_;
    session_changed(state);
  }
  /// The client closes the session: what it holds by it is given up from now on.
  void tell_leaving() {
    leaving_ = true;
    session_left();
  }
  /// The session is over, and everybody has been told.
  void check_session_is_over();
  /// Drops its handles: the session ends. Calls that are under way fail then.
  virtual void unbind() = 0;
  [[nodiscard]] virtual std::string_view name() const = 0;

  void start(const std::vector<planned_call>& calls);
  void stop();
  void check_outcome();
  /// Nothing is under way: told to stop, and done; or the outcome is checked.
  [[nodiscard]] bool at_rest() const { return at_rest_; }

 protected:
  /// Starts one operation; ends in `finished`.
  virtual void operate() = 0;
  /// Lets go of what it holds before it rests; ends in `finished`. True if there was something.
  virtual bool let_go() { return false; }
  /// The last operation; ends in `finished`; repeated until that says ok.
  virtual void read_outcome() = 0;

  virtual void session_changed(session_state) {}
  virtual void session_left() {}
  /// What it should have heard of the end of its session; asked once it has ended.
  virtual void check_farewell() {}
  /// Whether it waits for something that ends with its session at the latest.
  [[nodiscard]] virtual bool still_waits() const { return false; }
  /// Its operation goes on.
  [[nodiscard]] bool under_way() const { return busy_; }
  /// No new operations are wanted.
  [[nodiscard]] bool stopping() const { return stopping_; }
  /// The session is being closed: another one comes.
  [[nodiscard]] bool leaving() const { return leaving_; }
  /// It is, or has ended.
  [[nodiscard]] bool has_no_session() const { return leaving_ || over_; }
  /// Only then what the cluster says of this session is sure to be about a living one.
  [[nodiscard]] bool connected() const { return connected_; }

  void began() { ++parts_.counts.calls; }
  /// One call of several that an operation makes.
  void one_ended(const absl::Status& status);
  /// The last one.
  void finished(const absl::Status& status);
  [[nodiscard]] program_parts& parts() { return parts_; }
  [[nodiscard]] world& at() { return parts_.at; }

 private:
  void call(std::uint64_t word);
  void go_on();
  void check_session_ends();

  program_parts parts_;
  bool busy_ = false;  // a call is under way
  bool connected_ = false;
  bool over_ = false;  // the session; there will be another one in a moment
  bool leaving_ = false;
  bool stopping_ = false;
  bool checking_ = false;
  bool at_rest_ = false;
  std::uint64_t ended_ = 0;  // sessions
};

/// Ledgers by resource, shared by the programs of all clients.
struct ledgers {
  explicit ledgers(findings& f) : found(f) {}
  ledgers(const ledgers&) = delete;
  ledgers& operator=(const ledgers&) = delete;
  [[nodiscard]] register_ledger& reg(const std::string& name) {
    return registers.try_emplace(name, found, name).first->second;
  }
  /// What the cluster says of that client's session, as long as it is connected, must be about a
  /// living one.
  [[nodiscard]] bool reliable(const std::string& client) const {
    return clocks_trusted && !may_err(client);
  }
  findings& found;
  bool clocks_trusted = true;  ///< no clock jumps, or runs at another speed
  /// The client's session may be over without its knowing, because it stands still.
  std::function<bool(const std::string& client)> may_err;
  std::map<std::string, register_ledger> registers;
  counter_ledger counter{found, "counter"};
  exclusive_ledger lock{found, "lock", [this](const auto& client) {
                          return reliable(client);
                        }};
  exclusive_ledger election{found, "office", [this](const auto& client) {
                              return reliable(client);
                            }};
};

using program_factory = std::unique_ptr<program> (*)(program_parts, ledgers&);
[[nodiscard]] std::unique_ptr<program> make_value_program(program_parts parts, ledgers& books);
[[nodiscard]] std::unique_ptr<program> make_counter_program(program_parts parts, ledgers& books);
[[nodiscard]] std::unique_ptr<program> make_map_program(program_parts parts, ledgers& books);
[[nodiscard]] std::unique_ptr<program> make_lock_program(program_parts parts, ledgers& books);
[[nodiscard]] std::unique_ptr<program> make_election_program(program_parts parts, ledgers& books);
[[nodiscard]] std::unique_ptr<program> make_various_program(program_parts parts, ledgers& books);

/// All clients of a run.
class workload {
 public:
  workload(
      world& w,
      client_machines& c,
      findings& f,
      history& book,
      const std::vector<planned_call>& calls);
  workload(const workload&) = delete;
  workload& operator=(const workload&) = delete;
  ~workload();

  /// With the first `programs` programs of `about`.
  void start(subject& about, std::size_t programs);
  /// No new operations; `at_rest` once all have ended.
  void stop();
  /// Whether clocks keep to the speed that sessions rely on; see `exclusive_ledger`.
  void trust_clocks(bool trusted) { ledgers_.clocks_trusted = trusted; }
  /// Last reads; `at_rest` again once they have succeeded.
  void check_outcome();
  [[nodiscard]] bool at_rest() const;
  /// Who is not, for the report: "c1 counter, c2 lock".
  [[nodiscard]] std::string not_at_rest() const;
  [[nodiscard]] const workload_counts& counts() const { return counts_; }

 private:
  struct client {
    std::size_t number = 0;
    std::shared_ptr<recording_invoker> session;
    std::uint64_t generation = 0;  // of the session: an old one's news are ignored
    std::vector<std::unique_ptr<program>> programs;
  };
  [[nodiscard]] program_parts parts_of(client& c, std::size_t position);
  void open_session(client& c);
  void leave(client& c);
  void session_changed(client& c, std::uint64_t generation, session_state state);

  world& world_;
  client_machines& machines_;
  findings& findings_;
  history& book_;
  workload_counts counts_;
  const std::vector<planned_call>& calls_;
  ledgers ledgers_;
  std::vector<std::unique_ptr<client>> clients_;
};

}  // namespace atomix::sim
