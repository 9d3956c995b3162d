// SPDX-License-Identifier: Apache-2.0
/// \file Names of machines, as the system's resolver is asked for them.
#pragma once

#include "net/address.hpp"

#include <string>

namespace atomix::net {

/// `localhost` is this machine, also where neither a file of hosts nor a name server says so (RFC
/// 6761, section 6.3): the resolver takes no name at all for that.
[[nodiscard]] inline std::string name_to_look_up(const address& of) {
  return of.host == "localhost" ? std::string{} : of.host;
}

}  // namespace atomix::net
