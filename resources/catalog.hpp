// SPDX-License-Identifier: Apache-2.0
/// \file The list of resource types. A new one is its folder and one line here.
#pragma once

#include "resources/machine.hpp"

namespace atomix::resources {

template <class... Machines>
struct type_list {};

using catalog = type_list<>;

}  // namespace atomix::resources
