// SPDX-License-Identifier: Apache-2.0
/// \file Operations of machines, which are Protobuf messages, in the words of histories.
///
/// `CompareAndSet` is called "compare-and-set". Its argument is a map of its fields,
/// `{:expect 1, :update 2}`, or their values in order, `[1 2]`, or that of the first field alone. A
/// reply with one field is its value, one with several a map of them, one with none nil.
#pragma once

#include "sim/checker/value.hpp"

#include <absl/status/status.h>
#include <google/protobuf/message.h>

#include <string>

namespace atomix::checker {

[[nodiscard]] std::string word_of(const google::protobuf::Message& operation);
[[nodiscard]] value value_of(const google::protobuf::Message& reply);

/// Errors: invalid_argument, with the field and what it takes. Fields that are messages or lists
/// cannot be filled.
[[nodiscard]] absl::Status fill(google::protobuf::Message& operation, const value& argument);

}  // namespace atomix::checker
