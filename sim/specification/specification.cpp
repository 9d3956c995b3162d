// SPDX-License-Identifier: Apache-2.0
#include "sim/specification/specification.hpp"

#include "resources/catalog.hpp"

namespace atomix::sim {

std::unique_ptr<specification> specify(std::string_view type) {
  namespace r = atomix::resources;
  if (type == r::value::machine::type_name) return specify_value();
  if (type == r::counter::machine::type_name) return specify_counter();
  if (type == r::map::machine::type_name) return specify_map();
  if (type == r::lock::machine::type_name) return specify_lock();
  if (type == r::election::machine::type_name) return specify_election();
  return nullptr;
}

}  // namespace atomix::sim
