// SPDX-License-Identifier: Apache-2.0
/// \file A machine of the user's whose state is looked at while it runs. For `experiment`.
#pragma once

#include "sim/checker/machine_words.hpp"
#include "sim/checker/value.hpp"

#include "resources/machine.hpp"
#include "resources/machine_registry.hpp"

#include "raft/base/ids.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace atomix::testing {

/// Hears of a claim that does not hold after everything up to `index` was applied.
using claim_listener = std::function<void(const std::string& claim, index_t index)>;

/// An operation as histories tell it, see `checker::word_of`.
struct told_operation {
  std::string f;  ///< empty: it is malformed
  std::string argument;
};

/// One type of resource of an experiment.
class machine_type {
 public:
  machine_type() = default;
  machine_type(const machine_type&) = delete;
  machine_type& operator=(const machine_type&) = delete;
  virtual ~machine_type() = default;
  virtual void add_to(
      resources::machine_registry& machines, const claim_listener& broken) const = 0;
  [[nodiscard]] virtual told_operation tell(bool is_query, std::string_view operation) const = 0;
};

/// What must hold of a machine, whatever happened.
template <class M>
struct claim_on {
  std::string claim;
  std::function<bool(const M&)> holds;
};

template <class M>
class checked_machine_host final : public resources::machine_host {
 public:
  checked_machine_host(std::vector<claim_on<M>> claims, claim_listener broken)
      : claims_(std::move(claims)), broken_(std::move(broken)) {}

  [[nodiscard]] std::string_view type_name() const override { return host_.type_name(); }
  [[nodiscard]] resources::batch_results run(const resources::batch& work) override {
    resources::batch_results results = host_.run(work);
    for (const claim_on<M>& each : claims_) {
      if (!each.holds(host_.machine())) broken_(each.claim, work.clock->back().index);
    }
    return results;
  }
  [[nodiscard]] resources::query_result query(
      session_id session, log_time now, std::string_view operation) const override {
    return host_.query(session, now, operation);
  }
  [[nodiscard]] bool undoes(std::string_view operation) const override {
    return host_.undoes(operation);
  }
  [[nodiscard]] std::uint64_t state_hash() const override { return host_.state_hash(); }

 private:
  resources::typed_machine_host<M> host_;
  std::vector<claim_on<M>> claims_;
  claim_listener broken_;
};

template <resources::replicated_machine M>
class machine_type_of final : public machine_type {
 public:
  std::vector<claim_on<M>> claims;

  void add_to(resources::machine_registry& machines, const claim_listener& broken) const override {
    machines.add(std::string(M::type_name), [checks = claims, broken] {
      return std::make_unique<checked_machine_host<M>>(checks, broken);
    });
  }

  [[nodiscard]] told_operation tell(bool is_query, std::string_view operation) const override {
    told_operation told;
    const auto tell_one = [&](const auto& message) {
      const checker::value argument = checker::value_of(message);
      told.f = checker::word_of(message);
      if (!argument.is_nil()) told.argument = checker::to_text(argument);
    };
    static_cast<void>(
        is_query ? resources::decode_op(typename M::queries{}, operation, tell_one)
                 : resources::decode_op(typename M::commands{}, operation, tell_one));
    return told;
  }
};

}  // namespace atomix::testing
