// SPDX-License-Identifier: Apache-2.0
#include "sim/testing/experiment.hpp"

#include "raft/base/check.hpp"

#include <utility>

namespace atomix::testing {

experiment& experiment::program(std::string name, body each_call) {
  programs_.push_back({std::move(name), nullptr, std::move(each_call)});
  return *this;
}

experiment& experiment::callbacks(std::string name, callback_body each_call) {
  programs_.push_back({std::move(name), std::move(each_call), nullptr});
  return *this;
}

experiment& experiment::in_the_end(last_look look) {
  look_ = std::move(look);
  return *this;
}

experiment& experiment::linearizable(
    std::string object, std::string_view model, const std::optional<checker::value>& initial) {
  const auto made = checker::make_model(model, initial);
  ATOMIX_CHECK(made.ok(), std::string(made.status().message()));
  return linearizable(std::move(object), [name = std::string(model), initial] {
    return *checker::make_model(name, initial);
  });
}

experiment& experiment::linearizable(std::string object, model_maker make) {
  models_[std::move(object)] = std::move(make);
  return *this;
}

resources::machine_registry experiment::machines(const claim_listener& broken) const {
  resources::machine_registry all = resources::builtin_machines();
  for (const auto& [name, type] : types_)
    type->add_to(all, broken);
  return all;
}

told_operation experiment::tell(
    const std::string& type, bool is_query, std::string_view operation) const {
  const auto known = types_.find(type);
  return known == types_.end() ? told_operation{} : known->second->tell(is_query, operation);
}

}  // namespace atomix::testing
