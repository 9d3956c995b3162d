// SPDX-License-Identifier: Apache-2.0
/// \file Which types of resource a replica knows: those of the catalog and those of the user.
#pragma once

#include "resources/machine_host.hpp"
#include "resources/typed_machine_host.hpp"

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace atomix::resources {

/// A value: made at start, handed to the applier. All replicas of a cluster must know the same
/// types.
class machine_registry {
 public:
  using factory = std::function<std::unique_ptr<machine_host>()>;

  /// Adds a machine of the user's under its `type_name`; the last of a name counts.
  template <replicated_machine M>
  machine_registry& add() {
    factories_.insert_or_assign(
        std::string(M::type_name), [] { return std::make_unique<typed_machine_host<M>>(); });
    return *this;
  }
  /// The same with a host of another kind around the machine, for tests.
  machine_registry& add(std::string type_name, factory make_one) {
    factories_.insert_or_assign(std::move(type_name), std::move(make_one));
    return *this;
  }
  /// A fresh resource of the type, or null if there is no such type.
  [[nodiscard]] std::unique_ptr<machine_host> make(std::string_view type_name) const {
    const auto found = factories_.find(type_name);
    return found == factories_.end() ? nullptr : found->second();
  }
  [[nodiscard]] bool knows(std::string_view type_name) const {
    return factories_.find(type_name) != factories_.end();
  }
  [[nodiscard]] std::vector<std::string> type_names() const {
    std::vector<std::string> names;
    for (const auto& [name, make_one] : factories_)
      names.push_back(name);
    return names;
  }

 private:
  std::map<std::string, factory, std::less<>> factories_;
};

/// All machines of the catalog.
[[nodiscard]] machine_registry builtin_machines();

}  // namespace atomix::resources
