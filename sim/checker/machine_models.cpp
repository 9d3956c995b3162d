// SPDX-License-Identifier: Apache-2.0
// Machines of the catalog as models. The others are none: versions of values and tokens of locks
// and elections are places in the log, and who gets them depends on the ends of sessions.
#include "sim/checker/machine_model.hpp"
#include "sim/checker/models.hpp"

#include "resources/counter/machine.hpp"
#include "resources/map/machine.hpp"

namespace atomix::checker {

model_ptr make_counter_machine_model() {
  return std::make_unique<machine_model<resources::counter::machine>>("machine:counter");
}
model_ptr make_map_machine_model() {
  return std::make_unique<machine_model<resources::map::machine>>("machine:map");
}

}  // namespace atomix::checker
