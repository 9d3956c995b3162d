// SPDX-License-Identifier: Apache-2.0
/// \file The list of resource types. A new one is its folder and one line here.
#pragma once

#include "resources/counter/machine.hpp"
#include "resources/election/machine.hpp"
#include "resources/lock/machine.hpp"
#include "resources/map/machine.hpp"
#include "resources/value/machine.hpp"

namespace atomix::resources {

template <class... Machines>
struct type_list {};

// One type a line, so that additions do not meet.
// clang-format off
using catalog = type_list<
    value::machine,
    counter::machine,
    map::machine,
    lock::machine,
    election::machine>;
// clang-format on

}  // namespace atomix::resources
