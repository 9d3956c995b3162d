// SPDX-License-Identifier: Apache-2.0
#include "resources/catalog.hpp"

#include "resources/machine_registry.hpp"

namespace atomix::resources {
namespace {

template <class... Machines>
machine_registry registry_of(type_list<Machines...>) {
  machine_registry registry;
  static_cast<void>((registry.add<Machines>(), ...));
  return registry;
}

}  // namespace

machine_registry builtin_machines() {
  return registry_of(catalog{});
}

std::unique_ptr<machine_host> make_machine_host(std::string_view type_name) {
  static const machine_registry builtin = builtin_machines();
  return builtin.make(type_name);
}

}  // namespace atomix::resources
