// SPDX-License-Identifier: Apache-2.0
/// \file What a client program is given: its client, in the simulated world.
#pragma once

#include "sim/checker/value.hpp"

#include "resources/future.hpp"
#include "resources/invoker.hpp"

#include "raft/base/prng.hpp"

#include <absl/status/status.h>

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace atomix::testing {

/// One call, as it is written down for a model; see `client::call`. Tell how it ended, or let it
/// go: then it may have happened, or may yet, or never will.
class observed {
 public:
  explicit observed(std::function<void(bool happened, checker::value)> tell)
      : tell_(std::move(tell)) {}

  void returned(checker::value result = {}) { end(true, std::move(result)); }
  /// It did not happen.
  void failed() { end(false, {}); }
  /// Whichever of all three `certainty_of(status)` says.
  void ended(const absl::Status& status, checker::value result = {}) {
    if (status.ok()) return returned(std::move(result));
    if (certainty_of(status) == certainty::not_done) failed();
  }

 private:
  void end(bool happened, checker::value result) {
    if (const auto tell = std::exchange(tell_, nullptr)) tell(happened, std::move(result));
  }
  std::function<void(bool, checker::value)> tell_;
};

/// A client of a run: a machine of its own, with a session. Its program takes time, chance and
/// resources from here and from nowhere else; then equal seeds give equal runs.
class client {
 public:
  client() = default;
  client(const client&) = delete;
  client& operator=(const client&) = delete;
  virtual ~client() = default;

  /// A handle, bound to the session of this moment: take a new one for each call of the program.
  /// Await its futures; `.get()` on one that is not ready would wait for ever.
  template <class Handle>
  [[nodiscard]] Handle get(std::string name) const {
    return Handle{session(), std::move(name)};
  }
  [[nodiscard]] virtual std::shared_ptr<invoker> session() const = 0;
  /// Whether the session is in touch with the cluster.
  [[nodiscard]] virtual bool is_connected() const = 0;

  [[nodiscard]] virtual std::string_view who() const = 0;    ///< "c1"
  [[nodiscard]] virtual std::size_t number() const = 0;      ///< from 0
  [[nodiscard]] virtual std::size_t of_clients() const = 0;  ///< how many there are

  /// Virtual time since the run began.
  [[nodiscard]] virtual std::chrono::nanoseconds now() const = 0;
  /// Done when so much virtual time has passed.
  [[nodiscard]] virtual future<void> pass(std::chrono::nanoseconds duration) = 0;
  /// Of the present call of the program: what is drawn from it stays the same when other calls and
  /// faults are taken out of the run.
  [[nodiscard]] virtual prng& chance() = 0;
  /// The run wants to end: a program that goes on and on must return.
  [[nodiscard]] virtual bool stopping() const = 0;

  /// Ends the run as a failure unless `holds`. `claim` is a stable short text: shrinking keeps the
  /// claim that fails. `detail` says what was seen.
  virtual void require(bool holds, std::string_view claim, std::string detail = {}) = 0;

  /// Writes down that a call begins, for the model of `object` (`experiment::linearizable`): what
  /// is asked in the model's words, such as "write", 3. Write down what the *user* sees: above
  /// caches and retries, not below.
  [[nodiscard]] virtual observed call(
      std::string_view object, std::string f, checker::value argument = {}) = 0;
};

}  // namespace atomix::testing
