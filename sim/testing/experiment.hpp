// SPDX-License-Identifier: Apache-2.0
/// \file What is tried out in the simulated world: types of resource, client programs, and what
/// must hold whatever the world does to them.
#pragma once

#include "sim/checker/machine_model.hpp"
#include "sim/checker/model.hpp"
#include "sim/testing/checked_machine.hpp"
#include "sim/testing/client.hpp"
#include "sim/testing/task.hpp"

#include "resources/machine.hpp"

#include <absl/status/status.h>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace atomix::testing {

/// A value. Serves one run: what its programs share (through what they capture) is made with it.
class experiment {
 public:
  /// What a client does again and again: called at drawn moments, one call at a time. All chance is
  /// drawn from `client::chance`. A call that comes while the one before is under way is left out,
  /// so that a program may also go on and on until `client::stopping`.
  using body = std::function<task<>(client&)>;
  /// The same with callbacks: calls `done` once at its end.
  using callback_body = std::function<void(client&, std::function<void()> done)>;
  /// What a client looks at in the end. Repeated until it returns ok, if that takes no longer than
  /// everything else (30 s after the last fault).
  using last_look = std::function<task<absl::Status>(client&)>;
  using model_maker = std::function<std::unique_ptr<checker::model>()>;

  /// Replicas know this type of resource; those of the catalog they know anyway.
  template <resources::replicated_machine M>
  experiment& machine() {
    static_cast<void>(type_of<M>());
    return *this;
  }
  /// `holds` is asked on every replica after each batch of commands, and after every single one
  /// when the log is replayed in the end. Knows the type, as with `machine`.
  template <resources::replicated_machine M>
  experiment& invariant(std::string claim, std::function<bool(const M&)> holds) {
    type_of<M>().claims.push_back({std::move(claim), std::move(holds)});
    return *this;
  }

  /// Every client has all programs. Each run leaves out some of them, if there are several.
  experiment& program(std::string name, body each_call);
  experiment& callbacks(std::string name, callback_body each_call);
  /// Every client does this once faults and programs have ended.
  experiment& in_the_end(last_look look);

  /// What was written down about `object` with `client::call` must be linearizable by this model of
  /// sim/checker: "register", "counter", "set", ... `initial`: what it holds at first.
  /// Requires: there is such a model and it may start so.
  experiment& linearizable(
      std::string object,
      std::string_view model,
      const std::optional<checker::value>& initial = std::nullopt);
  /// The same with a machine as its own specification, see `checker::machine_model`: also for what
  /// the user's code makes of it above the handle. Told are its operations, in the words of
  /// `checker::word_of`.
  template <resources::replicated_machine M>
  experiment& linearizable_as(std::string object) {
    return linearizable(std::move(object), [] {
      return std::make_unique<checker::machine_model<M>>(std::string(M::type_name));
    });
  }
  /// The same with a model of the user's.
  experiment& linearizable(std::string object, model_maker make);

  // For the run.
  struct named_program {
    std::string name;
    callback_body call;
    body coroutine;  // one of both
  };
  [[nodiscard]] const std::vector<named_program>& programs() const { return programs_; }
  [[nodiscard]] const last_look& look() const { return look_; }
  [[nodiscard]] const std::map<std::string, model_maker>& models() const { return models_; }
  [[nodiscard]] resources::machine_registry machines(const claim_listener& broken) const;
  /// Of this type; nothing is told of one that is not the user's.
  [[nodiscard]] told_operation tell(
      const std::string& type, bool is_query, std::string_view operation) const;

 private:
  template <class M>
  machine_type_of<M>& type_of() {
    auto& known = types_[std::string(M::type_name)];
    if (known == nullptr) known = std::make_shared<machine_type_of<M>>();
    return static_cast<machine_type_of<M>&>(*known);
  }

  std::map<std::string, std::shared_ptr<machine_type>> types_;
  std::vector<named_program> programs_;
  last_look look_;
  std::map<std::string, model_maker> models_;
};

/// Called for each run, so that each has an experiment of its own. Always the same one.
using experiment_maker = std::function<experiment()>;

}  // namespace atomix::testing
