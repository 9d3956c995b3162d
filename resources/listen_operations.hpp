// SPDX-License-Identifier: Apache-2.0
/// \file The commands of a subscription, for the sources of handles (not their headers: users need
/// no Protobuf).
#pragma once

#include "resources/machine.hpp"
#include "resources/subscription.hpp"

#include <utility>

namespace atomix::resources {

/// `listen` and `unlisten` as commands of a machine that has the list `Commands`, with the field
/// `listener` filled in.
template <class Commands, class Listen, class Unlisten>
[[nodiscard]] listen_operations listen_operations_of(Listen listen, Unlisten unlisten) {
  const auto with_number = [](auto message) {
    return [message = std::move(message)](listener_id listener) {
      auto numbered = message;
      numbered.set_listener(listener.value());
      return encode_op<Commands>(numbered);
    };
  };
  return {with_number(std::move(listen)), with_number(std::move(unlisten))};
}

}  // namespace atomix::resources
