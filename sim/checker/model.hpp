// SPDX-License-Identifier: Apache-2.0
/// \file What an object does when operations come one at a time: its sequential specification.
#pragma once

#include "sim/checker/history.hpp"
#include "sim/checker/value.hpp"

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace atomix::checker {

/// Operations of one history that concern one object, by call; what says nothing is left out.
struct part {
  const history* whole = nullptr;
  std::optional<value> key;          ///< which object, if there are many
  std::vector<std::size_t> numbers;  ///< into `whole->operations`

  [[nodiscard]] std::size_t size() const { return numbers.size(); }
  [[nodiscard]] const operation& at(std::size_t i) const { return whole->operations[numbers[i]]; }
};

/// Why a history cannot be explained: an operation of it, and a sentence. Numbers are those of
/// operations in the history.
struct finding {
  std::size_t number = 0;
  std::string sentence;
  std::vector<std::size_t> others = {};  ///< that it speaks of
};

/// Where a search is: everything that returned before `position` is in the order.
struct outlook {
  std::size_t position = 0;
  std::span<const std::uint32_t> waiting;  ///< in the part: called, will return, not in the order
};

/// What was found out about a part without a search.
struct decision {
  std::vector<std::size_t> order;  ///< numbers of the operations; if there is no order, empty
  std::optional<finding> why_not;
};

/// Sequential specification of one object. One instance serves one check at a time.
class model {
 public:
  model() = default;
  model(const model&) = delete;
  model& operator=(const model&) = delete;
  virtual ~model() = default;

  [[nodiscard]] virtual std::string_view name() const = 0;
  /// Errors: invalid_argument if `op` is none of this object's, with what it should be.
  [[nodiscard]] virtual absl::Status accepts(const operation& op) const = 0;
  [[nodiscard]] virtual value initial() const = 0;
  /// The state after `op`, or nothing if it cannot happen with this result in this state. The
  /// result of an operation of unknown outcome is free.
  [[nodiscard]] virtual std::optional<value> step(const value& state, const operation& op) = 0;

  /// Never changes any state.
  [[nodiscard]] virtual bool observes(const operation& op) const = 0;
  /// Says something although it failed.
  [[nodiscard]] virtual bool failed_tells(const operation&) const { return false; }
  /// It matters who calls.
  [[nodiscard]] virtual bool knows_callers() const { return false; }

  /// Independent objects inside of this one, by the name of each that `op` touches; none means all.
  /// Only asked if `divides()`.
  [[nodiscard]] virtual bool divides() const { return false; }
  [[nodiscard]] virtual std::vector<value> touches(const operation&) const { return {}; }

  /// Called once per part before any `step`: may learn which differences nobody will see.
  virtual void study(const part&) {}
  /// Of operations that may come next, those of lower rank are tried first; of equals, who returns
  /// first. Changes nothing but how soon an order is found.
  [[nodiscard]] virtual std::size_t rank(const operation&) const { return 0; }
  /// Nothing can lead from `state` to the end. May err on the side of false.
  [[nodiscard]] virtual bool hopeless(const value&, const outlook&) const { return false; }
  /// Looks for proofs that no order exists, in about linear time. Finding nothing means nothing.
  [[nodiscard]] virtual std::optional<finding> screen(const part&) const { return std::nullopt; }
  /// Decides parts of a kind for which that is quick. Only asked if `screen` found nothing.
  [[nodiscard]] virtual std::optional<decision> decide(const part&) const { return std::nullopt; }
  /// "the register holds 3"
  [[nodiscard]] virtual std::string show(const value& state) const;

  /// How results of this history are to be read.
  void adopt(const history& h) {
    nil_ = h.nil;
    failed_cas_observes_ = h.failed_cas_observes;
  }

 protected:
  /// The read says nothing about what was there.
  [[nodiscard]] bool unobserved(const value& result) const {
    return result.is_nil() && nil_ == nil_result::unobserved;
  }
  [[nodiscard]] bool failed_cas_observes() const { return failed_cas_observes_; }

 private:
  nil_result nil_ = nil_result::observed;
  bool failed_cas_observes_ = false;
};

/// Names of the models that `make_model` knows.
[[nodiscard]] const std::vector<std::string>& model_names();
/// `initial` is what the object holds at first; without it each has its own (nil, 0, "", nothing).
/// Errors: invalid_argument if there is no such model, or if it cannot start with `initial`.
[[nodiscard]] absl::StatusOr<std::unique_ptr<model>> make_model(
    std::string_view name, const std::optional<value>& initial = std::nullopt);

}  // namespace atomix::checker
