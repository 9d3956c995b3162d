// SPDX-License-Identifier: Apache-2.0
/// \file Operations of resources and their answers as people and checkers of histories read them.
/// What the models of `sim/checker` call things is known here.
#pragma once

#include "sim/report/record.hpp"

#include "resources/invoker.hpp"

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace atomix::sim {

/// Values are EDN; an empty one means that there is none.
struct spoken_call {
  std::string object;  ///< what it works on: "register 1", "map key 1/0"
  std::string model;   ///< of `sim/checker`; empty: none knows this operation
  std::string f;
  std::string argument;
  [[nodiscard]] std::string text() const { return argument.empty() ? f : f + " " + argument; }
};

/// What the answer says, to a call that was answered.
struct spoken_answer {
  call_outcome outcome = call_outcome::ok;
  std::string result;
  /// Not 0: the call waits, and ends with the event that names this number.
  std::uint64_t waits_for = 0;
};

/// How an event ends a call that waits.
struct spoken_event {
  std::uint64_t ends = 0;  ///< `waits_for` of that call; 0: none
  call_outcome outcome = call_outcome::ok;
  std::string result;
};

/// Knows types of resource that are not of the catalog; none for all others.
using more_words = std::function<std::optional<spoken_call>(
    const resource_name& resource, bool is_query, std::string_view operation)>;

[[nodiscard]] spoken_call speak(
    const resource_name& resource,
    bool is_query,
    std::string_view operation,
    const more_words& more = {});
[[nodiscard]] spoken_answer speak_answer(
    const resource_name& resource,
    bool is_query,
    std::string_view operation,
    std::string_view answer);
/// `type` of the resource.
[[nodiscard]] spoken_event speak_event(std::string_view type, std::string_view event);

}  // namespace atomix::sim
